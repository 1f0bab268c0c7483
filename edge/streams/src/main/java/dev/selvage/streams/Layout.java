package dev.selvage.streams;

import dev.selvage.model.plan.Aggregate;
import dev.selvage.model.plan.Type;
import java.util.List;

/** How the aggregates of a stream are computed; the same for all its windows. */
final class Layout {
    final Aggregate.Function[] functions;
    final Type[] types;
    /** Where an argument is in the row, -1 for {@code COUNT(*)}. */
    final int[] registers;
    /** Whether any result is text. */
    final boolean text;

    final int width;

    Layout(List<Aggregate> aggregates, int[] registers) {
        functions = aggregates.stream().map(Aggregate::function).toArray(Aggregate.Function[]::new);
        types = aggregates.stream().map(Aggregate::type).toArray(Type[]::new);
        this.registers = registers;
        text = aggregates.stream().anyMatch(a -> a.type() == Type.VARCHAR);
        width = functions.length;
    }
}
