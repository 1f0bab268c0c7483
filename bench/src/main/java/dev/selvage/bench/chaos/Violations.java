package dev.selvage.bench.chaos;

import java.util.ArrayList;
import java.util.List;

/** What did not hold. Thread-safe; the first ones are kept, all are counted. */
final class Violations {
    private static final int KEPT = 100;

    private final List<String> kept = new ArrayList<>();
    private long count;

    synchronized void add(String what) {
        count++;
        if (kept.size() < KEPT) {
            kept.add(what);
        }
    }

    synchronized long count() {
        return count;
    }

    synchronized List<String> list() {
        return List.copyOf(kept);
    }
}
