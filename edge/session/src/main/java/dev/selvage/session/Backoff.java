package dev.selvage.session;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Exponential back-off with full jitter: a thousand nodes that lost one hub do not come back in one second. */
final class Backoff {
    /** However long a hub asks a node to stay away, it is no longer than so many of its own longest waits: a hub that is wrong must not lose its nodes. */
    private static final int LONGEST_ASKED = 10;

    private final Duration min;
    private final Duration max;
    private final RandomGenerator random;
    private Duration bound;

    Backoff(Duration min, Duration max, RandomGenerator random) {
        this.min = min;
        this.max = max;
        this.random = random;
        this.bound = min;
    }

    /** Waits anything up to the bound, which doubles. */
    Duration next() {
        Duration wait = Duration.ofNanos(random.nextLong(bound.toNanos() + 1));
        Duration doubled = bound.multipliedBy(2);
        bound = doubled.compareTo(max) > 0 ? max : doubled;
        return wait;
    }

    /** What the hub asked for, and up to a quarter more so that those it told the same do not meet again. */
    Duration comeBackIn(Duration asked) {
        Duration longest = max.multipliedBy(LONGEST_ASKED);
        Duration granted = asked.compareTo(longest) > 0 ? longest : asked;
        return granted.plusNanos(random.nextLong(granted.toNanos() / 4 + 1));
    }

    void reset() {
        bound = min;
    }
}
