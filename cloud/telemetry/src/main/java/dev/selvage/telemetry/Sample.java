package dev.selvage.telemetry;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a stream's window or a node measured.
 *
 * @param namespace the tenant; empty for what belongs to the node itself
 * @param source {@code stream/NAME} or {@code node}
 * @param key the device, or the node
 * @param startMillis begin of the window, Unix time; equal to the end for an instant
 * @param endMillis end of the window
 * @param partial the values cover a part of the window only: a crash cut it
 * @param values by field
 */
public record Sample(
        String namespace,
        String source,
        String key,
        long startMillis,
        long endMillis,
        boolean partial,
        Map<String, Double> values)
        implements LaneRecord {
    public Sample {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
}
