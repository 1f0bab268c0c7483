package dev.selvage.hub;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How often a node may renew. Only a renewal that was granted counts, so that nobody without the node's key can use up its share; whoever has the key is refused
 * without the work.
 */
final class Renewals {
    private static final int MOST = 10;
    private static final long WITHIN = Duration.ofSeconds(10).toNanos();
    private static final int KNOWN = 10_000;

    private final Map<String, Count> counts = new ConcurrentHashMap<>();

    private record Count(long begun, int issued) {
        boolean over() {
            return System.nanoTime() - begun > WITHIN;
        }
    }

    boolean allowed(String node) {
        Count count = counts.get(node);
        return count == null || count.over() || count.issued() < MOST;
    }

    void issued(String node) {
        if (counts.size() > KNOWN) {
            counts.values().removeIf(Count::over);
        }
        counts.merge(
                node,
                new Count(System.nanoTime(), 1),
                (before, first) -> before.over() ? first : new Count(before.begun(), before.issued() + 1));
    }
}
