package dev.selvage.compiler;

import dev.selvage.model.DeviceModel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.calcite.runtime.CalciteContextException;
import org.apache.calcite.runtime.CalciteException;
import org.apache.calcite.sql.parser.SqlParseException;

/** Calcite's errors in our form: where, what was found, what is accepted. */
final class Messages {
    private static final int LISTED = 12;

    private Messages() {}

    static SqlError ofParser(SqlParseException e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("the query does not parse");
        int at = message.indexOf(" at line ");
        String what = at > 0 ? message.substring(0, at) : message;
        int line = e.getPos() == null ? 1 : Math.max(1, e.getPos().getLineNum());
        int column = e.getPos() == null ? 1 : Math.max(1, e.getPos().getColumnNum());
        return new SqlError(line, column, what, expected(e));
    }

    static SqlError ofValidator(CalciteException e, DeviceModel model, boolean windowed) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String message = String.valueOf(cause.getMessage());
        int line = e instanceof CalciteContextException c ? Math.max(1, c.getPosLine()) : 1;
        int column = e instanceof CalciteContextException c ? Math.max(1, c.getPosColumn()) : 1;
        return new SqlError(line, column, message, hint(message, model, windowed));
    }

    private static String hint(String message, DeviceModel model, boolean windowed) {
        if (message.startsWith("Column '") || message.startsWith("Table '")) {
            List<String> columns = new ArrayList<>(List.of("device", "ts"));
            if (windowed) {
                columns.addAll(List.of("window_start", "window_end"));
            }
            columns.addAll(model.properties().keySet());
            return listed(columns);
        }
        return message.startsWith("No match found for function") ? Dialect.FUNCTIONS : "";
    }

    /** The parser lists over a hundred tokens where an expression may begin; then words serve better. */
    private static String expected(SqlParseException e) {
        Collection<String> tokens = e.getExpectedTokenNames();
        if (tokens.isEmpty()) {
            return "";
        }
        return tokens.size() > LISTED
                ? "an expression or a name; a name that is a reserved word stands in back quotes, as `value`"
                : listed(tokens);
    }

    private static String listed(Collection<String> names) {
        String shown = String.join(", ", names.stream().limit(LISTED).toList());
        return names.size() > LISTED ? shown + ", …" : shown;
    }
}
