package dev.selvage.model.plan;

import dev.selvage.model.LabelSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a node needs to run a Stream: which readings, what is computed, where it goes.
 *
 * @param model the DeviceModel whose devices' readings come in
 * @param selector narrows the devices by their labels
 * @param filter condition on each reading, or null
 * @param window null for a stream that yields one row per reading
 * @param values named values of a row; the row's key is always the device
 */
public record Plan(
        String model,
        LabelSelector selector,
        Sink sink,
        @Nullable Expr filter,
        @Nullable Window window,
        List<Output> values) {
    /** The only version that this build writes and knows. */
    public static final int VERSION = 1;

    public static final int MAX_VALUES = 64;

    public record Output(String name, Expr expr) {}

    public Plan {
        values = List.copyOf(values);
        if (values.isEmpty() || values.size() > MAX_VALUES) {
            throw new IllegalArgumentException(values.size() + " values: accepted are 1 to " + MAX_VALUES);
        }
        if (filter != null && filter.type() != Type.BOOLEAN) {
            throw new IllegalArgumentException("filter is " + filter.type().word() + ": accepted is boolean");
        }
    }
}
