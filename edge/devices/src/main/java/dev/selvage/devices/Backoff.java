package dev.selvage.devices;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Pauses between attempts: the first attempt after a failure at once, then doubling up to a limit, each shortened by up to half. */
final class Backoff {
    private final long first;
    private final long last;
    private final RandomGenerator random;
    private int failures;

    Backoff(Duration first, Duration last, RandomGenerator random) {
        this.first = first.toNanos();
        this.last = last.toNanos();
        this.random = random;
    }

    /** Counts a failure and returns the pause that follows it, in nanoseconds. */
    long failed() {
        failures++;
        if (failures == 1) {
            return 0;
        }
        long full = Math.min(last, first << Math.min(failures - 2, 20));
        return (long) (full * (0.5 + random.nextDouble() / 2));
    }

    /** Failures since the last success. */
    int failures() {
        return failures;
    }

    void succeeded() {
        failures = 0;
    }
}
