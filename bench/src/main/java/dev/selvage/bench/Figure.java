package dev.selvage.bench;

import org.jspecify.annotations.Nullable;

/**
 * One measured number.
 *
 * @param goal absent where the number is context for another one
 * @param samples how many measurements the number stands for
 * @param percentile such as {@code p99}, {@code median}, {@code best}; {@code total} for a count over a time
 * @param load what was done to get it: how many at once, open or closed loop, for how long
 */
record Figure(
        String name, double value, String unit, @Nullable Goal goal, long samples, String percentile, String load) {
    Figure {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + ": found " + value + ", accepted is a finite number");
        }
        if (samples < 1) {
            throw new IllegalArgumentException(name + ": found " + samples + " samples, accepted is at least 1");
        }
    }

    static Figure of(String name, double value, String unit, long samples, String percentile, String load) {
        return new Figure(name, value, unit, null, samples, percentile, load);
    }

    Figure atMost(double limit) {
        return new Figure(name, value, unit, new Goal.Max(limit), samples, percentile, load);
    }

    Figure atLeast(double limit) {
        return new Figure(name, value, unit, new Goal.Min(limit), samples, percentile, load);
    }

    /** {@code met}, {@code MISSED}, or nothing without a goal. */
    String verdict() {
        return goal == null ? "" : goal.holds(value) ? "met" : "MISSED";
    }
}
