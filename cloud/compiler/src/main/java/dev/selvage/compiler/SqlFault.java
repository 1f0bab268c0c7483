package dev.selvage.compiler;

import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.parser.SqlParserPos;

/** Ends a compilation with its error. */
final class SqlFault extends RuntimeException {
    private final transient SqlError error;

    SqlFault(SqlError error) {
        super(error.toString());
        this.error = error;
    }

    static SqlFault at(SqlParserPos pos, String message, String accepted) {
        return new SqlFault(
                new SqlError(Math.max(1, pos.getLineNum()), Math.max(1, pos.getColumnNum()), message, accepted));
    }

    static SqlFault at(SqlNode node, String message, String accepted) {
        return at(node.getParserPosition(), message, accepted);
    }

    SqlError error() {
        return error;
    }
}
