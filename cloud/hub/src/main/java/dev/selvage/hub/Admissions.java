package dev.selvage.hub;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Admits so many nodes a second, after a burst of two seconds' worth, and gives each of the others a turn of its own: those that come when they were told find room,
 * however many wait.
 */
final class Admissions {
    private static final int BURST_SECONDS = 2;
    static final Duration SHORTEST = Duration.ofSeconds(2);
    static final Duration LONGEST = Duration.ofMinutes(2);

    private final LongSupplier nanoTime;
    private final double perNano;
    private final double burst;
    private double tokens;
    private double turns;
    private long at;

    Admissions(int perSecond, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.perNano = perSecond / (double) TimeUnit.SECONDS.toNanos(1);
        this.burst = (double) perSecond * BURST_SECONDS;
        this.tokens = burst;
        this.at = nanoTime.getAsLong();
    }

    /** Zero: the node is admitted. Else when it shall come back. */
    synchronized Duration turn() {
        refill();
        if (tokens >= 1) {
            tokens--;
            return Duration.ZERO;
        }
        turns++;
        Duration wait = SHORTEST.plusNanos((long) (turns / perNano));
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }

    double burst() {
        return burst;
    }

    /** How much of the burst is used up now. */
    synchronized double spent() {
        refill();
        return burst - tokens;
    }

    private void refill() {
        long now = nanoTime.getAsLong();
        double grown = (now - at) * perNano;
        tokens = Math.min(burst, tokens + grown);
        turns = Math.max(0, turns - grown);
        at = now;
    }
}
