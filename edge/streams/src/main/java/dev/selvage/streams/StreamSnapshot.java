package dev.selvage.streams;

import dev.selvage.model.ObjectKey;

/**
 * A stream as the node's own page shows it; counts are since the agent's start.
 *
 * @param keys devices seen
 * @param openWindows windows that still take readings
 * @param bytes estimate of what the stream keeps in memory
 * @param late readings of windows that were closed already
 * @param dropped readings and rows lost to a bound
 */
public record StreamSnapshot(
        ObjectKey key,
        String uid,
        StreamState state,
        String message,
        int keys,
        int openWindows,
        long bytes,
        long readings,
        long rows,
        long writes,
        long late,
        long dropped) {}
