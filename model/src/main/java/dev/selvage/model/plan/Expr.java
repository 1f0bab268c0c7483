package dev.selvage.model.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A typed expression. The compiler has written out every conversion: operands have exactly the type that the operation works in. */
public sealed interface Expr {
    /** The input column with the device's name. */
    String DEVICE = "device";
    /** The input column with the reading's time. */
    String TS = "ts";

    String WINDOW_START = "window_start";
    String WINDOW_END = "window_end";

    Type type();

    /** A column of the input: a property of the model, {@link #DEVICE}, {@link #TS}, or a bound of the window. */
    record Column(String name, Type type) implements Expr {}

    /** A constant; {@code value} is null, or a Boolean, Long, finite Double or String as the type demands. */
    record Literal(Type type, @Nullable Object value) implements Expr {
        public Literal {
            boolean fits = switch (type) {
                case BOOLEAN -> value instanceof Boolean;
                case INT, BIGINT -> value instanceof Long;
                case DOUBLE -> value instanceof Double d && Double.isFinite(d);
                case VARCHAR -> value instanceof String;
                case TIMESTAMP -> false;
            };
            if (value != null && !fits) {
                throw new IllegalArgumentException("literal " + value + " is not of type " + type.word());
            }
        }
    }

    /** The result of the window's aggregate number {@code index}. */
    record Result(int index, Type type) implements Expr {}

    record Call(Op op, Type type, List<Expr> args) implements Expr {
        public Call {
            args = List.copyOf(args);
            if (!op.accepts(type, args)) {
                throw new IllegalArgumentException(op.word() + " does not yield " + type.word() + " from "
                        + args.stream().map(a -> a.type().word()).toList());
            }
        }
    }
}
