package dev.selvage.devices;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/**
 * Where and how patiently devices are run.
 *
 * @param directory holds what must survive a restart of the agent: the outcomes of writes from the centre
 * @param clock the node's clock, which judges {@code validUntil}
 * @param firstRetry pause before the second attempt to reach a lost device; doubles, with jitter, up to {@code lastRetry}
 * @param statusEvery least time between two statuses that only carry new values
 */
public record DevicesConfig(
        Path directory, Clock clock, Duration firstRetry, Duration lastRetry, Duration statusEvery) {
    public static DevicesConfig in(Path directory) {
        return new DevicesConfig(
                directory, Clock.systemUTC(), Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofMinutes(1));
    }
}
