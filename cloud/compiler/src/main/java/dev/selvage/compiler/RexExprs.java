package dev.selvage.compiler;

import dev.selvage.model.plan.Expr;
import dev.selvage.model.plan.Op;
import dev.selvage.model.plan.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.jspecify.annotations.Nullable;

/** Calcite's row expressions as a plan's: conversions written out, chains flattened. */
final class RexExprs {
    private final List<Expr> input;

    /** @param input what the references stand for */
    RexExprs(List<Expr> input) {
        this.input = input;
    }

    Expr of(RexNode node) {
        return switch (node) {
            case RexInputRef ref -> input.get(ref.getIndex());
            case RexLiteral literal -> literal(literal);
            case RexCall call -> call(call);
            default -> throw unsupported(node);
        };
    }

    /** In a given type, which the validator found to be possible. */
    Expr as(Type type, RexNode node) {
        return convert(of(node), type);
    }

    static Expr convert(Expr expr, Type type) {
        if (expr.type() == type) {
            return expr;
        }
        if (expr instanceof Expr.Literal(Type from, @Nullable Object value)) {
            if (value == null) {
                return new Expr.Literal(type, null);
            }
            if (value instanceof Long n && type == Type.DOUBLE) {
                return new Expr.Literal(type, n.doubleValue());
            }
            if (value instanceof Long && from == Type.INT && type == Type.BIGINT) {
                return new Expr.Literal(type, value);
            }
        }
        return new Expr.Call(Op.CAST, type, List.of(expr));
    }

    static Type type(RelDataType type) {
        return switch (type.getSqlTypeName()) {
            case BOOLEAN -> Type.BOOLEAN;
            case INTEGER, TINYINT, SMALLINT -> Type.INT;
            case BIGINT -> Type.BIGINT;
            case DOUBLE, DECIMAL -> Type.DOUBLE;
            case CHAR, VARCHAR -> Type.VARCHAR;
            case TIMESTAMP -> Type.TIMESTAMP;
            case NULL -> Type.BOOLEAN;
            default -> throw new IllegalArgumentException("the type " + type + " is not supported");
        };
    }

    private Expr literal(RexLiteral literal) {
        Type type = type(literal.getType());
        if (literal.isNull()) {
            return new Expr.Literal(type, null);
        }
        return new Expr.Literal(
                type,
                switch (type) {
                    case BOOLEAN -> literal.getValueAs(Boolean.class);
                    case INT, BIGINT -> number(literal).longValue();
                    case DOUBLE -> number(literal).doubleValue();
                    case VARCHAR -> literal.getValueAs(String.class);
                    case TIMESTAMP -> throw unsupported(literal);
                });
    }

    private static Number number(RexLiteral literal) {
        return literal.getValue() instanceof Number n ? n : BigDecimal.ZERO;
    }

    private Expr call(RexCall call) {
        Type type = type(call.getType());
        return switch (call.getKind()) {
            case PLUS -> chain(Op.ADD, type, call);
            case MINUS -> chain(Op.SUB, type, call);
            case TIMES -> chain(Op.MUL, type, call);
            case DIVIDE -> chain(Op.DIV, type, call);
            case MOD -> modulo(type, call);
            case MINUS_PREFIX -> negate(as(type, call.operands.get(0)));
            case PLUS_PREFIX -> as(type, call.operands.get(0));
            case EQUALS -> compare(Op.EQ, call);
            case NOT_EQUALS -> compare(Op.NE, call);
            case LESS_THAN -> compare(Op.LT, call);
            case LESS_THAN_OR_EQUAL -> compare(Op.LE, call);
            case GREATER_THAN -> compare(Op.GT, call);
            case GREATER_THAN_OR_EQUAL -> compare(Op.GE, call);
            case AND -> chain(Op.AND, Type.BOOLEAN, call);
            case OR -> chain(Op.OR, Type.BOOLEAN, call);
            case NOT -> one(Op.NOT, call);
            case IS_NULL -> one(Op.IS_NULL, call);
            case IS_NOT_NULL -> one(Op.IS_NOT_NULL, call);
            case IS_TRUE -> one(Op.IS_TRUE, call);
            case IS_NOT_TRUE -> one(Op.IS_NOT_TRUE, call);
            case IS_FALSE -> one(Op.IS_FALSE, call);
            case IS_NOT_FALSE -> one(Op.IS_NOT_FALSE, call);
            case IS_UNKNOWN -> one(Op.IS_NULL, call);
            case CASE -> choice(type, call.operands);
            case COALESCE -> new Expr.Call(Op.COALESCE, type, all(type, call.operands));
            case CAST -> convert(of(call.operands.get(0)), type);
            case FLOOR -> new Expr.Call(Op.FLOOR, type, all(type, call.operands));
            case CEIL -> new Expr.Call(Op.CEIL, type, all(type, call.operands));
            default -> byName(type, call);
        };
    }

    private Expr byName(Type type, RexCall call) {
        return switch (call.getOperator().getName()) {
            case "ABS" -> new Expr.Call(Op.ABS, type, all(type, call.operands));
            case "MOD" -> modulo(type, call);
            case "ROUND" -> {
                long digits = call.operands.size() == 1
                        ? 0
                        : number((RexLiteral) call.operands.get(1)).longValue();
                yield new Expr.Call(
                        Op.ROUND, type, List.of(as(type, call.operands.get(0)), new Expr.Literal(Type.INT, digits)));
            }
            case "IS NOT UNKNOWN" -> one(Op.IS_NOT_NULL, call);
            default -> throw unsupported(call);
        };
    }

    /** Left-associative, so {@code (a - b) - c} is one operation on three: JSON's depth stays small. */
    private Expr chain(Op op, Type type, RexCall call) {
        List<Expr> args = new ArrayList<>();
        for (RexNode operand : call.operands) {
            Expr arg = as(type, operand);
            boolean first = args.isEmpty() || op == Op.AND || op == Op.OR;
            if (first
                    && arg instanceof Expr.Call(Op inner, Type innerType, List<Expr> more)
                    && inner == op
                    && innerType == type) {
                args.addAll(more);
            } else {
                args.add(arg);
            }
        }
        return new Expr.Call(op, type, args);
    }

    private Expr modulo(Type type, RexCall call) {
        Type left = of(call.operands.get(0)).type();
        Type right = of(call.operands.get(1)).type();
        Type work = left == Type.BIGINT || right == Type.BIGINT ? Type.BIGINT : Type.INT;
        return convert(new Expr.Call(Op.MOD, work, all(work, call.operands)), type);
    }

    private static Expr negate(Expr expr) {
        if (expr instanceof Expr.Literal(Type type, @Nullable Object value) && value instanceof Double d) {
            return new Expr.Literal(type, -d);
        }
        return new Expr.Call(Op.NEG, expr.type(), List.of(expr));
    }

    private Expr compare(Op op, RexCall call) {
        Expr left = of(call.operands.get(0));
        Expr right = of(call.operands.get(1));
        Type type = common(left, right);
        return new Expr.Call(op, Type.BOOLEAN, List.of(convert(left, type), convert(right, type)));
    }

    private static Type common(Expr left, Expr right) {
        if (left instanceof Expr.Literal(Type _, @Nullable Object value) && value == null) {
            return right.type();
        }
        if (left.type() == Type.DOUBLE || right.type() == Type.DOUBLE) {
            return Type.DOUBLE;
        }
        return left.type().integer() && right.type() == Type.BIGINT ? Type.BIGINT : left.type();
    }

    private Expr choice(Type type, List<RexNode> operands) {
        List<Expr> args = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            boolean condition = i % 2 == 0 && i < operands.size() - 1;
            args.add(as(condition ? Type.BOOLEAN : type, operands.get(i)));
        }
        return new Expr.Call(Op.CASE, type, args);
    }

    private Expr one(Op op, RexCall call) {
        return new Expr.Call(op, Type.BOOLEAN, List.of(of(call.operands.get(0))));
    }

    private List<Expr> all(Type type, List<RexNode> operands) {
        return operands.stream().map(o -> as(type, o)).toList();
    }

    private static IllegalArgumentException unsupported(RexNode node) {
        return new IllegalArgumentException("the expression " + node + " is not supported");
    }
}
