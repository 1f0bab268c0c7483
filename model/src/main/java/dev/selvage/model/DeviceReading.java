package dev.selvage.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one poll of a device brought.
 *
 * @param atMillis time of the reading by the node's clock, milliseconds since the epoch
 * @param values the good values only, by property: Double, Long, Boolean or String as the model says; a property that is
 *     not good is absent, which a stream sees as NULL
 * @param quality Good when every property was read and possible, Uncertain when only some were, Bad when none was
 */
public record DeviceReading(
        String namespace,
        String device,
        String model,
        Map<String, String> labels,
        long atMillis,
        Map<String, Object> values,
        Quality quality) {
    public DeviceReading {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
}
