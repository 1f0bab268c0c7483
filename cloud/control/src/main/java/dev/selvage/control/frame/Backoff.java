package dev.selvage.control.frame;

import java.time.Duration;

/** Exponential delay between attempts, capped: first, 2 x first, 4 x first ... up to most. */
public record Backoff(Duration first, Duration most) {
    /** Upstream's queue: 5 ms to 1000 s. Ours ends at 30 s, so that a repaired cause is noticed soon. */
    public static final Backoff DEFAULT = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(30));

    public Backoff {
        if (first.isNegative() || first.isZero() || most.compareTo(first) < 0) {
            throw new IllegalArgumentException("back-off from " + first + " to " + most + ": wants 0 < first <= most");
        }
    }

    /** The delay before attempt {@code failures + 1}. */
    public Duration after(int failures) {
        Duration delay = first;
        for (int i = 1; i < failures && delay.compareTo(most) < 0; i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(most) < 0 ? delay : most;
    }
}
