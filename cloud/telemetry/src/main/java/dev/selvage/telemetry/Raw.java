package dev.selvage.telemetry;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** A point without its series. */
record Raw(long start, long end, double value, boolean partial) {
    static final Comparator<Raw> BY_END = Comparator.comparingLong(Raw::end).thenComparingLong(Raw::start);

    /** The last instant that the point covers: a window's end is exclusive. Ranges, steps and chunks go by it. */
    long at() {
        return end > start ? end - 1 : end;
    }

    Point of(Series series) {
        return new Point(series, start, end, value, partial, 1);
    }

    /** Sorted, and one point for each end: a whole window replaces a partial one, otherwise the first stays. */
    static List<Raw> distinct(Iterable<Raw> points) {
        TreeMap<Long, Raw> byEnd = new TreeMap<>();
        for (Raw point : points) {
            byEnd.merge(point.end, point, (old, late) -> old.partial && !late.partial ? late : old);
        }
        return new ArrayList<>(byEnd.values());
    }
}
