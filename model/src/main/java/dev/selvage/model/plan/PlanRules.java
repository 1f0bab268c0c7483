package dev.selvage.model.plan;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What must hold across a plan: which columns stand where, what a sink can take. */
public final class PlanRules {
    private PlanRules() {}

    /**
     * @throws IllegalArgumentException naming what is wrong
     */
    public static void check(Plan plan) {
        @Nullable Window window = plan.window();
        int results = window == null ? 0 : window.aggregates().size();
        if (plan.filter() != null) {
            input(plan.filter());
        }
        if (window != null) {
            window.aggregates().stream()
                    .map(Aggregate::argument)
                    .filter(Objects::nonNull)
                    .forEach(PlanRules::input);
            if (window.having() != null) {
                output(window.having(), window);
            }
        }
        for (Plan.Output value : plan.values()) {
            if (window == null) {
                input(value.expr());
            } else {
                output(value.expr(), window);
            }
            sink(plan.sink(), value);
        }
        if (results == 0 && window != null) {
            throw new IllegalArgumentException("a window without aggregates");
        }
    }

    private static void sink(Sink sink, Plan.Output value) {
        Type type = value.expr().type();
        boolean fits =
                type.numeric() || type == Type.BOOLEAN || (type == Type.VARCHAR && sink instanceof Sink.Property);
        if (!fits) {
            throw new IllegalArgumentException("value " + value.name() + " of type " + type.word() + " has no sink");
        }
    }

    /** Over a reading: columns, no results. */
    private static void input(Expr expr) {
        switch (expr) {
            case Expr.Result r -> throw new IllegalArgumentException("result " + r.index() + " outside a window");
            case Expr.Column c ->
                column(c, c.name().equals(Expr.DEVICE), c.name().equals(Expr.TS));
            case Expr.Call call -> call.args().forEach(PlanRules::input);
            case Expr.Literal _ -> {}
        }
    }

    /** Over a window: its results, the device and the window's bounds. */
    private static void output(Expr expr, Window window) {
        switch (expr) {
            case Expr.Result(int index, Type type) -> {
                if (index < 0
                        || index >= window.aggregates().size()
                        || window.aggregates().get(index).type() != type) {
                    throw new IllegalArgumentException("result " + index + " of type " + type.word() + " is not there");
                }
            }
            case Expr.Column c -> {
                boolean bound = c.name().equals(Expr.WINDOW_START) || c.name().equals(Expr.WINDOW_END);
                if (!bound && !c.name().equals(Expr.DEVICE)) {
                    throw new IllegalArgumentException("column " + c.name() + " outside an aggregate");
                }
                column(c, !bound, bound);
            }
            case Expr.Call call -> call.args().forEach(a -> output(a, window));
            case Expr.Literal _ -> {}
        }
    }

    private static void column(Expr.Column column, boolean text, boolean time) {
        Type type = column.type();
        boolean fits = text ? type == Type.VARCHAR : (type == Type.TIMESTAMP) == time && type != Type.INT;
        if (!fits) {
            throw new IllegalArgumentException("column " + column.name() + " cannot be " + type.word());
        }
    }
}
