package dev.selvage.compiler;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.validate.SqlValidator;
import org.jspecify.annotations.Nullable;

/**
 * Types that SQL knows and a plan does not, refused on the validated tree where positions are known. A decimal literal is
 * computed as DOUBLE; arithmetic that Flink would do in DECIMAL is refused rather than done otherwise.
 */
final class Typing {
    private static final Set<SqlTypeName> CAST_TARGETS =
            Set.of(SqlTypeName.BOOLEAN, SqlTypeName.INTEGER, SqlTypeName.BIGINT, SqlTypeName.DOUBLE);

    private final SqlValidator validator;

    Typing(SqlValidator validator) {
        this.validator = validator;
    }

    void check(SqlSelect select) {
        visit(select.getSelectList(), true);
        visit(select.getWhere(), false);
        visit(select.getHaving(), false);
    }

    private void visit(@Nullable SqlNode node, boolean top) {
        if (node instanceof SqlNodeList list) {
            list.forEach(n -> visit(n, top));
        } else if (node instanceof SqlCall call) {
            if (call.getKind() == SqlKind.AS) {
                visit(call.operand(0), true);
                return;
            }
            check(call);
            boolean passes = call.getKind() == SqlKind.IS_NULL
                    || call.getKind() == SqlKind.IS_NOT_NULL
                    || call.getKind() == SqlKind.COUNT;
            call.getOperandList().forEach(o -> visit(o, passes));
        } else if (node instanceof SqlIdentifier id && !top && !id.isStar() && type(id) == SqlTypeName.TIMESTAMP) {
            throw SqlFault.at(
                    id, "the time " + id.names.getLast() + " cannot be computed with", "times only as columns");
        }
    }

    private void check(SqlCall call) {
        SqlTypeName type = type(call);
        String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
        switch (call.getKind()) {
            case CAST -> {
                if (!CAST_TARGETS.contains(type)) {
                    throw SqlFault.at(call.operand(1), "CAST to " + call.operand(1), "BOOLEAN, INT, BIGINT, DOUBLE");
                }
                SqlTypeName from = type(call.operand(0));
                if (from == SqlTypeName.VARCHAR || from == SqlTypeName.CHAR) {
                    throw SqlFault.at(call, "CAST of text", "numbers and booleans");
                }
            }
            case NULLIF -> sameFamily(call, call.getOperandList());
            case CASE, COALESCE -> {}
            case MINUS_PREFIX, PLUS_PREFIX -> {
                if (!(call.operand(0) instanceof SqlLiteral)) {
                    refuseDecimal(call, type);
                }
            }
            case MIN, MAX -> {
                if (!SqlTypeName.NUMERIC_TYPES.contains(type)) {
                    throw SqlFault.at(call, name + " of " + type, name + " of a number");
                }
                refuseDecimal(call, type);
            }
            case LESS_THAN, LESS_THAN_OR_EQUAL, GREATER_THAN, GREATER_THAN_OR_EQUAL, BETWEEN -> {
                sameFamily(call, call.getOperandList());
                if (family(call.operand(0)) != Family.NUMBER && family(call.operand(0)) != Family.NONE) {
                    throw SqlFault.at(
                            call, name + " of " + type(call.operand(0)), "numbers; text and booleans by = and <>");
                }
            }
            case EQUALS, NOT_EQUALS -> sameFamily(call, call.getOperandList());
            case IN, NOT_IN -> {
                List<SqlNode> all = new ArrayList<>((SqlNodeList) call.operand(1));
                all.addFirst(call.operand(0));
                sameFamily(call, all);
            }
            case COUNT -> {}
            default -> {
                refuseDecimal(call, type);
                if (name.equals("ROUND")) {
                    digits(call);
                }
            }
        }
    }

    private enum Family {
        NUMBER,
        TEXT,
        BOOLEAN,
        NONE
    }

    /** Flink compares no text with numbers; Calcite would leave that to a conversion at run time. */
    private void sameFamily(SqlCall call, List<SqlNode> operands) {
        Family first = Family.NONE;
        for (SqlNode operand : operands) {
            Family family = family(operand);
            if (first != Family.NONE && family != Family.NONE && family != first) {
                throw SqlFault.at(
                        call,
                        call.getOperator().getName() + " of " + type(operands.getFirst()) + " and " + type(operand),
                        "operands of one type, or numbers of any");
            }
            first = first == Family.NONE ? family : first;
        }
    }

    private Family family(SqlNode node) {
        @Nullable SqlTypeName type = type(node);
        if (type == null || type == SqlTypeName.NULL) {
            return Family.NONE;
        }
        return switch (type) {
            case CHAR, VARCHAR -> Family.TEXT;
            case BOOLEAN -> Family.BOOLEAN;
            default -> SqlTypeName.NUMERIC_TYPES.contains(type) ? Family.NUMBER : Family.NONE;
        };
    }

    private static void digits(SqlCall call) {
        boolean form = call.operandCount() == 1 || (call.operand(1) instanceof SqlLiteral literal && whole(literal));
        if (!form) {
            throw SqlFault.at(
                    call.operand(1), "ROUND to " + call.operand(1), "a whole number of decimals, as a literal");
        }
    }

    private static boolean whole(SqlLiteral literal) {
        @Nullable BigDecimal value = literal.getTypeName() == SqlTypeName.DECIMAL ? literal.bigDecimalValue() : null;
        return value != null
                && Math.abs(value.doubleValue()) <= 300
                && value.stripTrailingZeros().scale() <= 0;
    }

    private static void refuseDecimal(SqlCall call, @Nullable SqlTypeName type) {
        if (type == SqlTypeName.DECIMAL) {
            throw SqlFault.at(
                    call,
                    call.getOperator().getName() + " would be computed in DECIMAL",
                    "DOUBLE: CAST(column AS DOUBLE), or literals such as 1.5e0");
        }
    }

    private @Nullable SqlTypeName type(SqlNode node) {
        if (node.getKind() == SqlKind.COUNT) {
            return SqlTypeName.BIGINT; // the validator does not derive COUNT(*) outside its scope
        }
        RelDataType type = validator.getValidatedNodeTypeIfKnown(node);
        return type == null ? null : type.getSqlTypeName();
    }
}
