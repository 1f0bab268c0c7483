package dev.selvage.streams;

import dev.selvage.model.plan.Type;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The aggregates of one window, in primitive columns: cell {@code key * width + aggregate}. A key has taken part once it is
 * {@code seen}.
 */
final class Accumulators {
    private final Layout layout;
    private boolean[] seen;
    private long[] counts;
    private double[] doubles;
    private long[] longs;
    private @Nullable String[] texts;
    private int keys;

    Accumulators(Layout layout, int capacity) {
        this.layout = layout;
        seen = new boolean[capacity];
        counts = new long[capacity * layout.width];
        doubles = new double[capacity * layout.width];
        longs = new long[capacity * layout.width];
        texts = new String[layout.text ? capacity * layout.width : 0];
    }

    /** Takes one row; {@code registers} of the layout say where its arguments are, -1 for {@code COUNT(*)}. */
    void add(int key, Frame row) {
        if (key >= seen.length) {
            grow(key);
        }
        seen[key] = true;
        keys = Math.max(keys, key + 1);
        int cell = key * layout.width;
        for (int i = 0; i < layout.width; i++, cell++) {
            int from = layout.registers[i];
            if (from >= 0 && row.isNull[from]) {
                continue;
            }
            long before = counts[cell]++;
            switch (layout.functions[i]) {
                case COUNT -> {}
                case SUM, AVG -> {
                    doubles[cell] += row.d[from];
                    longs[cell] += row.l[from];
                }
                case MIN -> {
                    doubles[cell] = before == 0 ? row.d[from] : Math.min(doubles[cell], row.d[from]);
                    longs[cell] = before == 0 ? row.l[from] : Math.min(longs[cell], row.l[from]);
                }
                case MAX -> {
                    doubles[cell] = before == 0 ? row.d[from] : Math.max(doubles[cell], row.d[from]);
                    longs[cell] = before == 0 ? row.l[from] : Math.max(longs[cell], row.l[from]);
                }
                case LAST -> {
                    doubles[cell] = row.d[from];
                    longs[cell] = row.l[from];
                    if (layout.text) {
                        texts[cell] = row.s[from];
                    }
                }
            }
        }
    }

    /** Writes one aggregate's result into a register. */
    void result(int key, int aggregate, Frame to, int register) {
        int cell = key * layout.width + aggregate;
        long count = counts[cell];
        to.isNull[register] = count == 0;
        switch (layout.functions[aggregate]) {
            case COUNT -> to.set(register, count);
            case AVG -> {
                to.d[register] = count == 0 ? 0 : doubles[cell] / count;
                to.l[register] = count == 0 ? 0 : longs[cell] / count;
            }
            case SUM, MIN, MAX, LAST -> {
                to.d[register] = doubles[cell];
                to.l[register] = layout.types[aggregate] == Type.INT ? (int) longs[cell] : longs[cell];
                to.s[register] = layout.text ? texts[cell] : null;
            }
        }
    }

    boolean seen(int key) {
        return key < keys && seen[key];
    }

    /** One more than the greatest key that has taken part. */
    int keys() {
        return keys;
    }

    int width() {
        return layout.width;
    }

    long count(int cell) {
        return counts[cell];
    }

    double number(int cell) {
        return doubles[cell];
    }

    long integer(int cell) {
        return longs[cell];
    }

    String text(int cell) {
        @Nullable String text = layout.text ? texts[cell] : null;
        return text == null ? "" : text;
    }

    /** Puts back what a checkpoint kept. */
    void restore(int key, int aggregate, long count, double number, long integer, String text) {
        if (key >= seen.length) {
            grow(key);
        }
        seen[key] = true;
        keys = Math.max(keys, key + 1);
        int cell = key * layout.width + aggregate;
        counts[cell] = count;
        doubles[cell] = number;
        longs[cell] = integer;
        if (layout.text) {
            texts[cell] = text;
        }
    }

    long bytes() {
        return 100L + seen.length + 8L * (counts.length + doubles.length + longs.length) + 4L * texts.length;
    }

    private void grow(int key) {
        int capacity = Math.max(key + 1, seen.length * 2);
        seen = Arrays.copyOf(seen, capacity);
        counts = Arrays.copyOf(counts, capacity * layout.width);
        doubles = Arrays.copyOf(doubles, capacity * layout.width);
        longs = Arrays.copyOf(longs, capacity * layout.width);
        texts = Arrays.copyOf(texts, layout.text ? capacity * layout.width : 0);
    }
}
