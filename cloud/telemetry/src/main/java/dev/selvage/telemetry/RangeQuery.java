package dev.selvage.telemetry;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Points of a range of time: those whose last covered instant lies in it, so that a window of the first ten seconds belongs to 0 to 10.
 *
 * @param fromMillis inclusive
 * @param toMillis exclusive
 * @param step null for the stored points; else one point per series and step, steps aligned to Unix time
 * @param limit points at most
 */
public record RangeQuery(
        SeriesFilter filter,
        long fromMillis,
        long toMillis,
        @Nullable Duration step,
        Aggregate aggregate,
        int limit) {
    public static final int MAX_POINTS = 100_000;

    public RangeQuery {
        require(fromMillis < toMillis, "from", fromMillis + " to " + toMillis, "a time before to");
        require(step == null || step.toMillis() >= 1, "step", step, "at least 1ms");
        require(limit >= 1 && limit <= MAX_POINTS, "limit", limit, "1 to " + MAX_POINTS);
    }

    private static void require(boolean holds, String field, @Nullable Object found, String accepted) {
        if (!holds) {
            throw new IllegalArgumentException(field + ": found " + found + ", accepted is " + accepted);
        }
    }
}
