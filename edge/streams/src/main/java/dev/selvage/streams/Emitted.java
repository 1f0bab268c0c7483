package dev.selvage.streams;

import java.util.ArrayList;
import java.util.List;

/**
 * Which window ends a stream has emitted, as a few ranges: what keeps a window from being emitted twice when the clock falls
 * back. A jump forward begins a range of its own, so that the time in between stays open. Beyond the bound the two nearest
 * ranges become one: then a window may be missed, never doubled.
 */
final class Emitted {
    private static final int MAX_RANGES = 16;

    record Range(long from, long to) {
        boolean contains(long end) {
            return end >= from && end <= to;
        }
    }

    private final long gap;
    private final List<Range> ranges = new ArrayList<>();

    /** @param gap ends further apart than this do not belong together */
    Emitted(long gap) {
        this.gap = gap;
    }

    boolean contains(long end) {
        for (int i = ranges.size() - 1; i >= 0; i--) {
            if (ranges.get(i).contains(end)) {
                return true;
            }
        }
        return false;
    }

    void add(long end) {
        add(new Range(end, end));
    }

    void add(Range added) {
        Range merged = added;
        for (int i = ranges.size() - 1; i >= 0; i--) {
            Range range = ranges.get(i);
            if (merged.from() - range.to() <= gap && range.from() - merged.to() <= gap) {
                merged = new Range(Math.min(merged.from(), range.from()), Math.max(merged.to(), range.to()));
                ranges.remove(i);
            }
        }
        int at = 0;
        while (at < ranges.size() && ranges.get(at).from() < merged.from()) {
            at++;
        }
        ranges.add(at, merged);
        if (ranges.size() > MAX_RANGES) {
            joinNearest();
        }
    }

    List<Range> ranges() {
        return List.copyOf(ranges);
    }

    private void joinNearest() {
        int best = 0;
        for (int i = 1; i + 1 < ranges.size(); i++) {
            if (distance(i) < distance(best)) {
                best = i;
            }
        }
        Range next = ranges.remove(best + 1);
        ranges.set(best, new Range(ranges.get(best).from(), next.to()));
    }

    private long distance(int i) {
        return ranges.get(i + 1).from() - ranges.get(i).to();
    }
}
