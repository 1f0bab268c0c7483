package dev.selvage.hub;

import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts how often a later session of a node ends one that still lives. A machine whose network broke does so now and then; two machines with one identity do it
 * without end. Only nodes with a valid certificate get here, so there are no more entries than nodes.
 */
final class Takeovers {
    static final int MOST = 3;
    static final Duration WITHIN = Duration.ofMinutes(2);

    private final ConcurrentMap<String, Count> counts = new ConcurrentHashMap<>();

    @SuppressWarnings("ArrayRecordComponent") // a hash, compared in contested
    private record Count(int count, long since, byte @Nullable [] key) {
        boolean over(long now) {
            return now - since > WITHIN.toNanos();
        }
    }

    void count(String node) {
        long now = System.nanoTime();
        counts.merge(
                node,
                new Count(1, now, null),
                (present, first) ->
                        present.over(now) ? first : new Count(present.count + 1, present.since, present.key));
    }

    /** Too many lately, all with this key: it is not accepted until it is renewed. */
    boolean contested(String node, byte[] keyHash) {
        long now = System.nanoTime();
        Count kept = counts.computeIfPresent(node, (_, count) -> {
            if (count.over(now) || (count.key != null && !MessageDigest.isEqual(count.key, keyHash))) {
                return null; // forgotten, or renewed
            }
            return count.count >= MOST && count.key == null ? new Count(count.count, now, keyHash) : count;
        });
        return kept != null && kept.key != null;
    }
}
