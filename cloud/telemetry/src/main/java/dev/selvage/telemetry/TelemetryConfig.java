package dev.selvage.telemetry;

import java.time.Duration;

/**
 * Bounds of telemetry.
 *
 * @param retention points that ended longer ago are dropped, by whole chunks
 * @param chunkSpan the time that one chunk covers
 * @param seriesPerNamespace a sample that would make more series is refused
 * @param seriesPerNode likewise
 * @param feedBuffer points that a live feed keeps for a slow reader
 * @param maxFuture how far ahead of the centre's clock a sample may end
 */
public record TelemetryConfig(
        Duration retention,
        Duration chunkSpan,
        int seriesPerNamespace,
        int seriesPerNode,
        int feedBuffer,
        Duration maxFuture) {
    public static final TelemetryConfig DEFAULT =
            new TelemetryConfig(Duration.ofDays(30), Duration.ofHours(2), 100_000, 20_000, 10_000, Duration.ofDays(2));
}
