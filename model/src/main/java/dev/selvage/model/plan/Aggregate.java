package dev.selvage.model.plan;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate over the readings of one device in one window. NULLs are left out; over nothing COUNT is 0, the others NULL.
 *
 * @param argument null for {@code COUNT(*)} only
 */
public record Aggregate(
        Function function, Type type, @Nullable Expr argument) {

    public enum Function {
        COUNT,
        SUM,
        /** Of integers an integer, cut towards zero, as Flink's. */
        AVG,
        MIN,
        MAX,
        /** The last in order of arrival, as Flink's LAST_VALUE. */
        LAST;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Aggregate {
        boolean fits = switch (function) {
            case COUNT -> type == Type.BIGINT;
            case SUM, AVG, MIN, MAX -> argument != null && argument.type() == type && type.numeric();
            case LAST -> argument != null && argument.type() == type && type != Type.TIMESTAMP;
        };
        if (!fits) {
            throw new IllegalArgumentException(function.word() + " does not yield " + type.word() + " from "
                    + (argument == null ? "*" : argument.type().word()));
        }
    }
}
