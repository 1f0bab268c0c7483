package dev.selvage.streams;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** The engine's bounds, small. */
final class Config {
    private Config() {}

    static StreamsConfig of(Path directory, Clock clock) {
        return new StreamsConfig(
                directory,
                clock,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                300,
                100,
                1_000);
    }
}
