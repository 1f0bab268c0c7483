package dev.selvage.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Measured durations; safe for several threads. */
final class Samples {
    private final List<Long> nanos = Collections.synchronizedList(new ArrayList<>());

    void add(long duration) {
        nanos.add(duration);
    }

    int count() {
        return nanos.size();
    }

    /** Those after the first ones. */
    Samples from(int skipped) {
        Samples rest = new Samples();
        synchronized (nanos) {
            rest.nanos.addAll(nanos.subList(skipped, nanos.size()));
        }
        return rest;
    }

    /** Nearest rank, in milliseconds: with few samples the 99th percentile is the largest. */
    double millis(double percentile) {
        List<Long> sorted;
        synchronized (nanos) {
            sorted = nanos.stream().sorted().toList();
        }
        if (sorted.isEmpty()) {
            throw new IllegalStateException("nothing was measured");
        }
        int rank = (int) Math.ceil(percentile / 100 * sorted.size());
        return sorted.get(Math.max(rank, 1) - 1) / 1e6;
    }

    Figure figure(String name, double percentile, String load) {
        String statistic = percentile == 100 ? "largest" : "p" + (int) percentile;
        return Figure.of(name + ", " + statistic, millis(percentile), "ms", count(), statistic, load);
    }
}
