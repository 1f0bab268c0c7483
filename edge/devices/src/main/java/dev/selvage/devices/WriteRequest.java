package dev.selvage.devices;

import dev.selvage.model.WriteAuthority;
import java.time.Duration;

/**
 * A value that somebody wants a device to take.
 *
 * @param value Double, Long, Boolean, String or another Number that the property's type can hold
 * @param authority who asks; only the property's one authority is heard
 * @param validUntilMillis the node does not execute it later than this (its own clock, milliseconds since the epoch)
 */
public record WriteRequest(
        String namespace,
        String device,
        String property,
        Object value,
        WriteAuthority authority,
        long validUntilMillis) {

    /** A request that holds for a while from now. */
    public static WriteRequest within(
            Duration validity,
            String namespace,
            String device,
            String property,
            Object value,
            WriteAuthority authority) {
        return new WriteRequest(
                namespace, device, property, value, authority, System.currentTimeMillis() + validity.toMillis());
    }
}
