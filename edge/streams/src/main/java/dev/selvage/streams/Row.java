package dev.selvage.streams;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One row of a stream on its way up.
 *
 * @param lane {@code live} or {@code alarm}
 * @param source {@code stream/NAME}
 * @param key the device
 * @param startMillis start of the window, or the reading's time for a stream without window
 * @param endMillis end of the window (exclusive), or the reading's time; (namespace, source, key, end) names a window
 * @param partial whether readings may be missing: the window was cut by a start, a crash, a change or a clock's jump
 * @param values finite numbers, TRUE as 1; what is NULL is absent; never empty
 */
public record Row(
        String lane,
        String namespace,
        String source,
        String key,
        long startMillis,
        long endMillis,
        boolean partial,
        Map<String, Double> values) {
    public Row {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    WindowName name() {
        return new WindowName(namespace, source, key, endMillis);
    }
}
