package dev.selvage.store;

import java.time.Duration;

/**
 * How long a group stays open. Writers who write again as soon as they have their answers would otherwise fall into two halves, of which one commits while
 * the other comes back, and each commit would carry half of what it could. So the next group expects as many as have just been answered and as are waiting
 * already, but for no longer than a part of what a commit takes: who writes only once delays others by that at most.
 */
final class Gathering {
    /** Of the last commit's time. */
    private static final double PART = 0.5;

    private static final long MOST_NANOS = Duration.ofMillis(20).toNanos();

    private int expected;
    private long until = System.nanoTime();

    /**
     * @param answered writes of the group
     * @param waiting writes that came meanwhile
     * @param nanos the commit's time
     */
    void committed(int answered, int waiting, long nanos) {
        expected = answered + waiting;
        until = System.nanoTime() + Math.min(MOST_NANOS, (long) (nanos * PART));
    }

    /** Writes that the next group should have. */
    int expected() {
        return expected;
    }

    /** Time to wait for them; none once it has passed. */
    long nanosLeft() {
        return until - System.nanoTime();
    }
}
