package dev.selvage.backup;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.core.Utils;

/** Questions to PostgreSQL's catalogue, and names as SQL wants them. */
final class Tables {
    private Tables() {}

    static String quoted(String name) throws SQLException {
        return Utils.escapeIdentifier(new StringBuilder(), name).toString();
    }

    static String quoted(String schema, String name) throws SQLException {
        return quoted(schema) + "." + quoted(name);
    }

    static String currentSchema(Connection connection) throws SQLException {
        List<String> found = texts(connection, "SELECT current_schema()");
        if (found.getFirst() == null) {
            throw new BackupException("the database user has no schema of the search path to work in");
        }
        return found.getFirst();
    }

    static boolean exists(Connection connection, String schema, String table) throws SQLException {
        return !texts(
                        connection,
                        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                + " WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')",
                        schema,
                        table)
                .isEmpty();
    }

    /** Whether the table is there and has a row. */
    static boolean filled(Connection connection, String schema, String table) throws SQLException {
        return exists(connection, schema, table)
                && !texts(connection, "SELECT 1 FROM " + quoted(schema, table) + " LIMIT 1")
                        .isEmpty();
    }

    /** Tables but not their partitions. */
    static List<String> of(Connection connection, String schema) throws SQLException {
        return texts(
                connection,
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1",
                schema);
    }

    /** Functions as {@code name(arguments)}, quoted. */
    static List<String> functions(Connection connection, String schema) throws SQLException {
        return texts(
                connection,
                "SELECT quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' FROM pg_proc p"
                        + " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ? ORDER BY 1",
                schema);
    }

    /** Columns that can be written. */
    static List<String> columns(Connection connection, String schema, String table) throws SQLException {
        return texts(
                connection,
                "SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped"
                        + " AND attgenerated = '' ORDER BY attnum",
                quoted(schema, table));
    }

    /** Columns that count by themselves. */
    static List<String> identities(Connection connection, String schema, String table) throws SQLException {
        return texts(
                connection,
                "SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND attidentity <> ''",
                quoted(schema, table));
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static List<String> texts(Connection connection, String sql, String... parameters) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                query.setString(i + 1, parameters[i]);
            }
            List<String> found = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    found.add(row.getString(1));
                }
            }
            return found;
        }
    }
}
