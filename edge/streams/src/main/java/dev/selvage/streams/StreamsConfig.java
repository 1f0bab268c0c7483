package dev.selvage.streams;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/**
 * Where the engine keeps its checkpoint, and its bounds.
 *
 * @param directory holds the checkpoint and the plans that run
 * @param clock the node's clock, by which readings are stamped
 * @param lateness a window closes when a reading, or the clock, is this far past its end
 * @param lookAhead readings further ahead of the clock are dropped; a clock that falls back further starts anew
 * @param writeValidity how long after a reading a property write that came of it may be executed
 * @param maxStreams further ones are refused
 * @param maxKeys devices per stream; readings of further ones are dropped and counted
 * @param maxQueuedRows rows per stream that wait for the sink; beyond it the oldest is dropped and counted
 */
public record StreamsConfig(
        Path directory,
        Clock clock,
        Duration lateness,
        Duration lookAhead,
        Duration writeValidity,
        int maxStreams,
        int maxKeys,
        int maxQueuedRows) {
    public static StreamsConfig in(Path directory) {
        return new StreamsConfig(
                directory,
                Clock.systemUTC(),
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                500,
                1_000,
                10_000);
    }
}
