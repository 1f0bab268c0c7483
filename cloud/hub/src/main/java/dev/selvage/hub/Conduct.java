package dev.selvage.hub;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** What is remembered of one node's offences. */
final class Conduct {
    static final int SUSPICIOUS = 10;
    private static final long REPEAT = Duration.ofMinutes(1).toNanos();
    private static final long FORGET = Duration.ofMinutes(10).toNanos();
    private static final Duration SHORTEST_BAR = Duration.ofSeconds(5);
    private static final Duration LONGEST_BAR = Duration.ofMinutes(1);

    private final LongSupplier nanoTime;
    private final Map<Offence, Tally> tallies = new EnumMap<>(Offence.class);
    private long latest;
    private long barredUntil;
    private Duration bar = Duration.ZERO;

    /** Since {@code begun}, or since it was named. */
    private static final class Tally {
        private long begun;
        private long count;
        private long namedAt;
        private boolean named;
    }

    Conduct(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.latest = nanoTime.getAsLong();
        this.barredUntil = latest;
    }

    /** How often since the node was named last, if it is to be named now; else 0. */
    synchronized long caught(Offence offence) {
        return count(offence, 1);
    }

    synchronized long suspected(Offence offence) {
        return count(offence, SUSPICIOUS);
    }

    private long count(Offence offence, int from) {
        long now = nanoTime.getAsLong();
        latest = now;
        Tally tally = tallies.computeIfAbsent(offence, o -> new Tally());
        if (tally.count == 0 || (now - tally.begun > REPEAT && tally.count < from)) {
            tally.begun = now;
            tally.count = 0;
        }
        tally.count++;
        if (tally.count < from || (tally.named && now - tally.namedAt < REPEAT)) {
            return 0;
        }
        long count = tally.count;
        tally.count = 0;
        tally.named = true;
        tally.namedAt = now;
        return count;
    }

    /** The node has to stay away for twice as long as the last time. */
    synchronized void strike() {
        long now = nanoTime.getAsLong();
        Duration doubled = now - latest > FORGET ? Duration.ZERO : bar.multipliedBy(2);
        bar = doubled.isZero() ? SHORTEST_BAR : doubled.compareTo(LONGEST_BAR) > 0 ? LONGEST_BAR : doubled;
        barredUntil = now + bar.toNanos();
        latest = now;
    }

    synchronized Duration barred() {
        return Duration.ofNanos(Math.max(0, barredUntil - nanoTime.getAsLong()));
    }

    synchronized boolean forgotten() {
        return nanoTime.getAsLong() - latest > FORGET;
    }
}
