package dev.selvage.model.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tumbling window per device: {@code [start, start + size)} in event time, starts aligned to the epoch plus the offset
 * (Flink's TUMBLE).
 *
 * @param having condition on the window's results, or null
 */
public record Window(
        long sizeMillis,
        long offsetMillis,
        List<Aggregate> aggregates,
        @Nullable Expr having) {
    public static final long MIN_SIZE_MILLIS = 100;
    public static final long MAX_SIZE_MILLIS = 86_400_000;
    public static final int MAX_AGGREGATES = 64;

    public Window {
        aggregates = List.copyOf(aggregates);
        if (sizeMillis < MIN_SIZE_MILLIS || sizeMillis > MAX_SIZE_MILLIS) {
            throw new IllegalArgumentException("window size " + sizeMillis + " ms: accepted are " + MIN_SIZE_MILLIS
                    + " ms to " + MAX_SIZE_MILLIS + " ms");
        }
        if (Math.abs(offsetMillis) >= sizeMillis) {
            throw new IllegalArgumentException("window offset " + offsetMillis + " ms: accepted is less than the size");
        }
        if (aggregates.size() > MAX_AGGREGATES) {
            throw new IllegalArgumentException(
                    aggregates.size() + " aggregates: accepted are at most " + MAX_AGGREGATES);
        }
        if (having != null && having.type() != Type.BOOLEAN) {
            throw new IllegalArgumentException("having is " + having.type().word() + ": accepted is boolean");
        }
    }

    /** Start of the window that holds an instant. */
    public long startOf(long millis) {
        return millis - Math.floorMod(millis - offsetMillis, sizeMillis);
    }
}
