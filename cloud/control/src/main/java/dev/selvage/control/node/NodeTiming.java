package dev.selvage.control.node;

import java.time.Duration;

/**
 * When a node counts as unreachable, and when nobody may say so.
 *
 * @param tick how often heartbeats are looked at
 * @param unreachableAfter age of the last heartbeat, in database time
 * @param lateAfter a heartbeat older than this missed its turn: nodes send one every 15 to 20 s
 * @param grace after the start of a leader or an outage of the database, in which nodes come back before they are judged
 * @param outageGap a pause between two looks that is taken for an outage
 * @param massFreeze how long a mass expiry is waited out while at least the centre itself works
 */
public record NodeTiming(
        Duration tick,
        Duration unreachableAfter,
        Duration lateAfter,
        Duration grace,
        Duration outageGap,
        Duration massFreeze,
        Duration orphanAfter) {

    public static final NodeTiming DEFAULT = new NodeTiming(
            Duration.ofSeconds(2),
            Duration.ofSeconds(40),
            Duration.ofSeconds(22),
            Duration.ofSeconds(60),
            Duration.ofSeconds(15),
            Duration.ofMinutes(5),
            Duration.ofSeconds(40));

    public NodeTiming {
        if (lateAfter.compareTo(unreachableAfter) > 0) {
            throw new IllegalArgumentException(
                    "late-after " + lateAfter + ": wants at most unreachable-after " + unreachableAfter);
        }
    }

    /** The same proportions at another speed, for tests. */
    public NodeTiming scaled(double factor) {
        return new NodeTiming(
                scale(tick, factor),
                scale(unreachableAfter, factor),
                scale(lateAfter, factor),
                scale(grace, factor),
                scale(outageGap, factor),
                scale(massFreeze, factor),
                scale(orphanAfter, factor));
    }

    private static Duration scale(Duration duration, double factor) {
        return Duration.ofNanos((long) (duration.toNanos() * factor));
    }
}
