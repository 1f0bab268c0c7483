package dev.selvage.containers;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which images go (kubernetes.io/docs/concepts/architecture/garbage-collection, "Container image garbage collection"): none
 * that is in use or was a moment ago, those unused for too long, and when the disk is full the least recently used.
 *
 * @param high percent of the disk in use above which images go
 * @param low percent of the disk down to which they go
 * @param least unused for less than that stays
 * @param most unused for more than that goes
 * @param spare percent of the disk that pulls and imports leave free
 */
public record ImagePolicy(int high, int low, Duration least, Duration most, int spare) {
    /** Upstream's thresholds; upstream has no greatest age unless one is set. */
    public static final ImagePolicy STANDARD = new ImagePolicy(85, 80, Duration.ofMinutes(2), Duration.ofDays(30), 5);

    public ImagePolicy {
        if (low < 0
                || high > 100
                || low > high
                || least.isNegative()
                || most.compareTo(least) < 0
                || spare < 0
                || spare > 100) {
            throw new IllegalArgumentException(
                    "images: low %d, high %d and spare %d percent, unused %s to %s: accepted 0 <= low <= high <= 100, 0 <= spare <= 100, and ages that do not cross"
                            .formatted(low, high, spare, least, most));
        }
    }

    /** @param lastUsed when a container of it was last seen */
    record Unused(String name, long bytes, Instant lastUsed) {}

    /**
     * @param total bytes of the disk
     * @param used of them
     */
    List<Unused> victims(List<Unused> unused, long total, long used, Instant now) {
        List<Unused> oldestFirst = unused.stream()
                .filter(i -> i.lastUsed().plus(least).isBefore(now))
                .sorted(Comparator.comparing(Unused::lastUsed).thenComparing(Unused::name))
                .toList();
        long excess = used > total / 100 * high ? used - total / 100 * low : 0;
        List<Unused> victims = new ArrayList<>();
        for (Unused image : oldestFirst) {
            if (excess > 0 || image.lastUsed().plus(most).isBefore(now)) {
                victims.add(image);
                excess -= image.bytes();
            }
        }
        return victims;
    }
}
