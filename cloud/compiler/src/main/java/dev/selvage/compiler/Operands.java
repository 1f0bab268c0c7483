package dev.selvage.compiler;

import java.util.Locale;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.fun.SqlBetweenOperator;
import org.apache.calcite.sql.type.SqlTypeName;
import org.jspecify.annotations.Nullable;

/**
 * The accepted expressions, and how much they may come to. What the validator will write out several times (the left side of
 * BETWEEN, IN and NULLIF, the operands of COALESCE, x of CASE x WHEN) is counted as often, so that nothing of exponential size gets past here.
 */
final class Operands {
    static final int MAX_WEIGHT = 3_000;
    static final int MAX_DEPTH = 200;

    private final boolean windowed;
    private int weight;
    private int depth;

    Operands(boolean windowed) {
        this.windowed = windowed;
    }

    void check(SqlSelect select) {
        visit(select.getSelectList());
        visit(select.getWhere());
        visit(select.getHaving());
    }

    private void visit(@Nullable SqlNode node) {
        if (node == null) {
            return;
        }
        if (++weight > MAX_WEIGHT || ++depth > MAX_DEPTH) {
            throw SqlFault.at(node, "the expressions of the query are too large", "less of them, or a simpler form");
        }
        switch (node) {
            case SqlNodeList list -> list.forEach(this::visit);
            case SqlLiteral literal -> literal(literal);
            case SqlIdentifier _ -> {}
            case SqlDataTypeSpec _ -> {}
            case SqlDynamicParam _ -> throw SqlFault.at(node, "a parameter ? is not accepted", "a literal");
            case SqlSelect _ -> throw SqlFault.at(node, "a subquery is not accepted", "columns, literals, operators");
            case SqlCall call -> call(call);
            default -> throw SqlFault.at(node, node + " is not accepted", "columns, literals, operators, functions");
        }
        depth--;
    }

    private void literal(SqlLiteral literal) {
        boolean known = switch (literal.getTypeName()) {
            case BOOLEAN, NULL, DECIMAL, DOUBLE, CHAR, VARCHAR, UNKNOWN -> true;
            default -> SqlTypeName.NUMERIC_TYPES.contains(literal.getTypeName());
        };
        if (!known) {
            throw SqlFault.at(
                    literal, "the literal " + literal + " is not accepted", "numbers, 'text', TRUE, FALSE, NULL");
        }
    }

    private void call(SqlCall call) {
        form(call);
        int times = repeats(call);
        for (int i = 0; i < times; i++) {
            visit(call.operand(0));
        }
        if (named(call, "COALESCE")) {
            call.getOperandList().subList(0, call.operandCount() - 1).forEach(this::visit);
        }
        call.getOperandList().forEach(this::visit);
    }

    /** How often more than once the first operand is written out. */
    private static int repeats(SqlCall call) {
        return switch (call.getKind()) {
            case BETWEEN -> 1;
            case IN, NOT_IN -> call.operand(1) instanceof SqlNodeList list ? Math.max(0, list.size() - 1) : 0;
            default -> named(call, "NULLIF") ? 1 : 0;
        };
    }

    /** Functions are not resolved yet, so they have a name but no kind. */
    private static boolean named(SqlCall call, String name) {
        return call.operandCount() > 0 && call.getOperator().getName().equalsIgnoreCase(name);
    }

    private void form(SqlCall call) {
        boolean accepted = switch (call.getKind()) {
            case AS, AND, OR, NOT, CASE -> true;
            case PLUS, MINUS, TIMES, DIVIDE, MINUS_PREFIX, PLUS_PREFIX -> true;
            case EQUALS, NOT_EQUALS, LESS_THAN, LESS_THAN_OR_EQUAL, GREATER_THAN, GREATER_THAN_OR_EQUAL -> true;
            case IS_NULL, IS_NOT_NULL, IS_TRUE, IS_NOT_TRUE, IS_FALSE, IS_NOT_FALSE, IS_UNKNOWN -> true;
            case BETWEEN -> ((SqlBetweenOperator) call.getOperator()).flag == SqlBetweenOperator.Flag.ASYMMETRIC;
            case IN, NOT_IN -> call.operand(1) instanceof SqlNodeList;
            case CAST -> true;
            case FLOOR, CEIL -> call.operandCount() == 1 && !(call.operand(0) instanceof SqlIntervalQualifier);
            default -> call.getOperator().getName().equals("IS NOT UNKNOWN") || function(call);
        };
        if (!accepted) {
            throw SqlFault.at(
                    call,
                    call.getOperator().getName() + " is not supported",
                    "+ - * /, comparisons, AND, OR, NOT, IS [NOT] NULL, BETWEEN, IN (…), CASE, " + Dialect.FUNCTIONS);
        }
    }

    private boolean function(SqlCall call) {
        String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
        if (Dialect.AGGREGATES.contains(name)) {
            if (!windowed) {
                throw SqlFault.at(
                        call,
                        name + " without a window",
                        "FROM TABLE(TUMBLE(TABLE model, DESCRIPTOR(ts), INTERVAL '10' SECOND))");
            }
            if (call.getFunctionQuantifier() != null) {
                throw SqlFault.at(call, name + " of " + call.getFunctionQuantifier() + " values", name + "(value)");
            }
            return true;
        }
        return Dialect.SCALARS.contains(name) && call.getKind() != SqlKind.OVER;
    }
}
