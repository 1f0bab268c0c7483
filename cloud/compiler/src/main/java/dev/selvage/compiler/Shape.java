package dev.selvage.compiler;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalLiteral;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * The accepted form of a query, checked on the parse tree, where every node still has its position: one SELECT over one
 * DeviceModel, by itself or in tumbling windows per device.
 *
 * @param select the query
 * @param table the DeviceModel's name
 * @param sizeMillis 0 without a window
 */
record Shape(SqlSelect select, SqlIdentifier table, long sizeMillis, long offsetMillis) {
    private static final String FROM =
            "one DeviceModel, or TABLE(TUMBLE(TABLE model, DESCRIPTOR(ts), INTERVAL '10' SECOND))";
    private static final String GROUP = "GROUP BY device, window_start, window_end";

    boolean windowed() {
        return sizeMillis > 0;
    }

    /**
     * @throws SqlFault at the first part of another form
     */
    static Shape of(SqlNode statement) {
        if (!(statement instanceof SqlSelect select)) {
            throw SqlFault.at(statement, statement.getKind() + " is not accepted here", "one SELECT statement");
        }
        refuse(select.isDistinct(), select, "DISTINCT");
        refuse(select.hasHints(), select, "a hint");
        refuse(!select.getWindowList().isEmpty(), select.getWindowList(), "WINDOW");
        refuse(select.getQualify() != null, select, "QUALIFY");
        SqlNode from = select.getFrom();
        if (from == null) {
            throw SqlFault.at(select, "the query has no FROM", FROM);
        }
        Shape shape = source(select, from.getKind() == SqlKind.AS ? ((SqlCall) from).operand(0) : from);
        shape.grouping();
        new Operands(shape.windowed()).check(select);
        return shape;
    }

    private static Shape source(SqlSelect select, SqlNode from) {
        if (from instanceof SqlIdentifier table) {
            return new Shape(select, table, 0, 0);
        }
        if (from.getKind() != SqlKind.COLLECTION_TABLE || !(((SqlCall) from).operand(0) instanceof SqlCall function)) {
            throw SqlFault.at(from, described(from) + " is not accepted in FROM", FROM);
        }
        if (!function.getOperator().getName().equalsIgnoreCase("TUMBLE")) {
            throw SqlFault.at(
                    function, "the table function " + function.getOperator().getName() + " is not supported", FROM);
        }
        List<SqlNode> args = function.getOperandList();
        boolean form = (args.size() == 3 || args.size() == 4)
                && args.get(0).getKind() == SqlKind.EXPLICIT_TABLE
                && ((SqlCall) args.get(0)).operand(0) instanceof SqlIdentifier
                && args.get(1) instanceof SqlCall;
        if (!form) {
            throw SqlFault.at(function, "the arguments of TUMBLE are not of its form", FROM);
        }
        SqlCall descriptor = (SqlCall) args.get(1);
        if (descriptor.operandCount() != 1 || !descriptor.operand(0).toString().equals("ts")) {
            throw SqlFault.at(
                    descriptor, "windows go by the time of the reading, not by " + descriptor, "DESCRIPTOR(ts)");
        }
        long size = millis(args.get(2));
        long offset = args.size() == 4 ? millis(args.get(3)) : 0;
        if (size < dev.selvage.model.plan.Window.MIN_SIZE_MILLIS
                || size > dev.selvage.model.plan.Window.MAX_SIZE_MILLIS) {
            throw SqlFault.at(args.get(2), "a window of " + size + " ms", "a size from 100 ms to 24 h");
        }
        if (Math.abs(offset) >= size) {
            throw SqlFault.at(args.get(3), "an offset of " + offset + " ms", "an offset smaller than the window");
        }
        return new Shape(select, (SqlIdentifier) ((SqlCall) args.get(0)).operand(0), size, offset);
    }

    private void grouping() {
        SqlNodeList group = select.getGroup();
        if (!windowed()) {
            refuse(group != null, group == null ? select : group, "GROUP BY without a window");
            refuse(select.getHaving() != null, select, "HAVING without a window");
            return;
        }
        if (group == null) {
            throw SqlFault.at(select, "TUMBLE without GROUP BY", GROUP);
        }
        Set<String> names = new HashSet<>();
        for (SqlNode item : group) {
            String name = item instanceof SqlIdentifier id ? id.names.getLast() : "";
            if (!name.equals("device") && !name.equals("window_start") && !name.equals("window_end")) {
                throw SqlFault.at(item, "GROUP BY " + item, GROUP);
            }
            names.add(name);
        }
        if (names.size() != 3) {
            throw SqlFault.at(group, "GROUP BY " + String.join(", ", names), GROUP);
        }
    }

    private static long millis(SqlNode node) {
        if (node instanceof SqlIntervalLiteral literal
                && literal.getValue() instanceof SqlIntervalLiteral.IntervalValue value
                && SqlTypeName.DAY_INTERVAL_TYPES.contains(literal.getTypeName())) {
            try {
                int[] parts = value.getIntervalQualifier()
                        .evaluateIntervalLiteral(value.getIntervalLiteral(), node.getParserPosition(), Dialect.TYPES);
                long millis = ((parts[1] * 24L + parts[2]) * 60 + parts[3]) * 60_000 + parts[4] * 1_000L + parts[5];
                return (long) value.getSign() * parts[0] * millis;
            } catch (RuntimeException e) {
                throw SqlFault.at(node, "the interval " + node + " cannot be read", "INTERVAL '10' SECOND");
            }
        }
        throw SqlFault.at(
                node, node + " is no interval", "INTERVAL '10' SECOND, INTERVAL '5' MINUTE, INTERVAL '1' HOUR");
    }

    private static String described(SqlNode from) {
        return switch (from.getKind()) {
            case JOIN -> "a join";
            case SELECT, ORDER_BY, UNION, INTERSECT, EXCEPT, WITH -> "a subquery";
            default -> from.getKind().toString();
        };
    }

    private static void refuse(boolean present, SqlNode node, String what) {
        if (present) {
            throw SqlFault.at(node, what + " is not accepted", "SELECT … FROM … [WHERE …] [" + GROUP + " [HAVING …]]");
        }
    }
}
