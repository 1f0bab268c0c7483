package dev.selvage.lanes;

import java.util.EnumMap;
import java.util.Map;

/** How many records of a lane were dropped, by reason. */
final class Dropped {
    private final Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);

    void add(DropReason reason, long count) {
        if (count > 0) {
            counts.merge(reason, count, Long::sum);
        }
    }

    Map<DropReason, Long> counts() {
        return Map.copyOf(counts);
    }
}
