package dev.selvage.hub;

import java.util.concurrent.TimeUnit;

/** A token bucket: so many per second, and a burst of two seconds' worth. */
final class RateLimit {
    private static final int BURST_SECONDS = 2;

    private final double perNano;
    private final double burst;
    private double tokens;
    private long at = System.nanoTime();

    RateLimit(int perSecond) {
        this.perNano = perSecond / (double) TimeUnit.SECONDS.toNanos(1);
        this.burst = (double) perSecond * BURST_SECONDS;
        this.tokens = burst;
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
        long now = System.nanoTime();
        tokens = Math.min(burst, tokens + (now - at) * perNano);
        at = now;
    }

    synchronized boolean tryTake() {
        refill();
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
