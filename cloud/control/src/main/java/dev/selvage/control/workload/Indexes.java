package dev.selvage.control.workload;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Completion indexes as upstream writes them in {@code status.completedIndexes}: {@code 1,3-5,7}. */
final class Indexes {
    private Indexes() {}

    /** Reads what {@link #text} wrote; indexes from {@code most} on are left out, as after a Job that was scaled down. */
    static BitSet parse(String text, int most) {
        BitSet indexes = new BitSet();
        for (String part : text.split(",")) {
            String[] ends = part.split("-", 2);
            if (!part.matches("\\d{1,9}(-\\d{1,9})?")) {
                continue; // upstream ignores what it cannot read
            }
            int from = Integer.parseInt(ends[0]);
            int to = ends.length == 2 ? Integer.parseInt(ends[1]) : from;
            if (from < most && from <= to) {
                indexes.set(from, Math.min(to, most - 1) + 1);
            }
        }
        return indexes;
    }

    static String text(BitSet indexes) {
        List<String> parts = new ArrayList<>();
        for (int from = indexes.nextSetBit(0); from >= 0; ) {
            int end = indexes.nextClearBit(from);
            parts.add(
                    switch (end - from) {
                        case 1 -> Integer.toString(from);
                        case 2 -> from + "," + (end - 1);
                        default -> from + "-" + (end - 1);
                    });
            from = indexes.nextSetBit(end);
        }
        return String.join(",", parts);
    }
}
