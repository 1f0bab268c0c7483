package dev.selvage.sim.net;

import java.time.Duration;

/**
 * How a line is while nothing breaks it.
 *
 * @param delay of each message, one way; messages follow each other as they were sent
 * @param bytesPerSecond each way of each connection; 0 is unlimited
 */
public record Line(Duration delay, long bytesPerSecond) {
    public static final Line PERFECT = new Line(Duration.ZERO, 0);

    public Line {
        if (delay.isNegative() || bytesPerSecond < 0) {
            throw new IllegalArgumentException(
                    "line: found " + delay + " and " + bytesPerSecond + " bytes/s, accepted is 0 or more of each");
        }
    }

    Duration transmission(int bytes) {
        return bytesPerSecond == 0 ? Duration.ZERO : Duration.ofNanos(bytes * 1_000_000_000L / bytesPerSecond);
    }
}
