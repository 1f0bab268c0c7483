package dev.selvage.model.plan;

import java.util.List;
import java.util.Locale;

/**
 * Operations on scalar values. Every one yields NULL for a NULL operand, except AND and OR (three-valued), IS_*, CASE and
 * COALESCE. No operation fails: integer division by zero yields NULL (Flink fails the job).
 */
public enum Op {
    ADD,
    SUB,
    MUL,
    DIV,
    MOD,
    NEG,
    ABS,
    /** Half away from zero, to the number of decimals in the second argument, a literal. */
    ROUND,
    FLOOR,
    CEIL,
    EQ,
    NE,
    LT,
    LE,
    GT,
    GE,
    AND,
    OR,
    NOT,
    IS_NULL,
    IS_NOT_NULL,
    IS_TRUE,
    IS_NOT_TRUE,
    IS_FALSE,
    IS_NOT_FALSE,
    /** Arguments: condition, value, condition, value, …, else. */
    CASE,
    COALESCE,
    CAST;

    /** The word in the plan's JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether an operand list and a result type are of this operation's form. */
    boolean accepts(Type type, List<Expr> args) {
        return switch (this) {
            case ADD, SUB, MUL, DIV -> type.numeric() && args.size() >= 2 && allOf(type, args);
            case MOD -> type.integer() && args.size() == 2 && allOf(type, args);
            case NEG, ABS, FLOOR, CEIL -> type.numeric() && args.size() == 1 && allOf(type, args);
            case ROUND ->
                type.numeric()
                        && args.size() == 2
                        && args.get(0).type() == type
                        && args.get(1) instanceof Expr.Literal(Type digits, Object value)
                        && digits == Type.INT
                        && value instanceof Long n
                        && Math.abs(n) <= 300;
            case EQ, NE -> type == Type.BOOLEAN && args.size() == 2 && comparable(args, true);
            case LT, LE, GT, GE -> type == Type.BOOLEAN && args.size() == 2 && comparable(args, false);
            case AND, OR -> type == Type.BOOLEAN && args.size() >= 2 && allOf(Type.BOOLEAN, args);
            case NOT, IS_TRUE, IS_NOT_TRUE, IS_FALSE, IS_NOT_FALSE ->
                type == Type.BOOLEAN && args.size() == 1 && allOf(Type.BOOLEAN, args);
            case IS_NULL, IS_NOT_NULL -> type == Type.BOOLEAN && args.size() == 1;
            case CASE -> args.size() >= 3 && args.size() % 2 == 1 && branches(type, args);
            case COALESCE -> args.size() >= 2 && allOf(type, args);
            case CAST -> args.size() == 1 && castable(args.get(0).type(), type);
        };
    }

    private static boolean allOf(Type type, List<Expr> args) {
        return args.stream().allMatch(a -> a.type() == type);
    }

    private static boolean comparable(List<Expr> args, boolean equality) {
        Type left = args.get(0).type();
        return left == args.get(1).type()
                && (left.numeric() || (equality && (left == Type.BOOLEAN || left == Type.VARCHAR)));
    }

    private static boolean branches(Type type, List<Expr> args) {
        int last = args.size() - 1;
        for (int i = 0; i < last; i++) {
            if (args.get(i).type() != (i % 2 == 0 ? Type.BOOLEAN : type)) {
                return false;
            }
        }
        return args.get(last).type() == type;
    }

    /** Numbers among each other, and boolean to and from numbers (Flink: TRUE is 1, any number but 0 is TRUE). */
    public static boolean castable(Type from, Type to) {
        boolean computes = (from.numeric() || from == Type.BOOLEAN) && (to.numeric() || to == Type.BOOLEAN);
        return computes || from == to;
    }
}
