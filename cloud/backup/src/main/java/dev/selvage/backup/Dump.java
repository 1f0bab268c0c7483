package dev.selvage.backup;

import dev.selvage.store.Migrations;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads all tables as they are at one instant, while the centre goes on: one transaction, repeatable read, a row at a time. */
final class Dump {
    private static final int PIECE = 256 << 10;

    private final DataSource database;
    private final Connection connection;
    private final DataOutputStream out;
    private final Listener listener;
    private final ByteArrayOutputStream piece = new ByteArrayOutputStream(PIECE);

    /** @param connection of {@code database}; its transaction is this object's to begin and end */
    Dump(DataSource database, Connection connection, DataOutputStream out, Listener listener) {
        this.database = database;
        this.connection = connection;
        this.out = out;
        this.listener = listener;
    }

    Summary run(List<Part> parts) throws SQLException, IOException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        try {
            Tables.execute(connection, "SET LOCAL statement_timeout = 0");
            // before the snapshot is taken: no part of the log goes that holds the content of an object
            Tables.execute(connection, "LOCK TABLE change IN ACCESS SHARE MODE");
            String schema = Tables.currentSchema(connection);
            List<String> present = present(schema, parts);
            Manifest manifest = manifest(schema, parts);
            new Records.Head(manifest).write(out);
            long objects = 0;
            for (String table : present) {
                long rows = table(schema, table);
                objects = table.equals("object") ? rows : objects;
            }
            new Records.End().write(out);
            return new Summary(manifest.createdAt(), manifest.revision(), objects, parts.contains(Part.TELEMETRY));
        } finally {
            connection.rollback();
        }
    }

    /** An older version of a module, which its centre has not brought up to date yet, lacks the tables that came later. */
    private List<String> present(String schema, List<Part> parts) throws SQLException {
        List<String> present = new ArrayList<>();
        for (Part part : parts) {
            for (String table : part.kept()) {
                if (Tables.exists(connection, schema, table)) {
                    present.add(table);
                }
            }
        }
        if (!present.contains("counter") || !Tables.filled(connection, schema, "certificate_authority")) {
            throw new BackupException("the database holds no centre: there is no store or no CA in schema " + schema);
        }
        return present;
    }

    private Manifest manifest(String schema, List<Part> parts) throws SQLException {
        Map<String, String> versions = new LinkedHashMap<>();
        for (Part part : parts) {
            versions.put(part.module(), Migrations.version(database, part.module()));
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT revision, incarnation FROM " + Tables.quoted(schema, "counter"))) {
            if (!row.next()) {
                throw new BackupException("the counter row is missing: the database is damaged");
            }
            return new Manifest(Clock.systemUTC().instant(), row.getLong(1), row.getString(2), versions);
        }
    }

    private long table(String schema, String table) throws SQLException, IOException {
        List<String> columns = Tables.columns(connection, schema, table);
        new Records.Table(table, columns).write(out);
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(copy(schema, table, columns));
        long rows = 0;
        long bytes = 0;
        try {
            for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
                piece.write(row);
                rows++;
                bytes += row.length;
                if (piece.size() >= PIECE) {
                    flush();
                    listener.table(table, rows, bytes, false);
                }
            }
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
        flush();
        rows = copy.getHandledRowCount();
        new Records.TableEnd(rows).write(out);
        listener.table(table, rows, bytes, true);
        return rows;
    }

    private static String copy(String schema, String table, List<String> columns) throws SQLException {
        List<String> quoted = new ArrayList<>();
        for (String column : columns) {
            quoted.add(Tables.quoted(column));
        }
        String from = table.equals("object")
                ? "(" + objects(schema, quoted) + ")"
                : Tables.quoted(schema, table) + " (" + String.join(", ", quoted) + ")";
        return "COPY " + from + " TO STDOUT (FORMAT binary)";
    }

    /** An object's content may lie in the change log, which is not kept (decision 0013). */
    private static String objects(String schema, List<String> columns) throws SQLException {
        List<String> selected = new ArrayList<>();
        for (String column : columns) {
            selected.add(column.equals(Tables.quoted("json")) ? "coalesce(o.json, c.json)" : "o." + column);
        }
        return "SELECT " + String.join(", ", selected) + " FROM " + Tables.quoted(schema, "object") + " o LEFT JOIN "
                + Tables.quoted(schema, "change") + " c ON o.json IS NULL AND c.revision = o.revision";
    }

    /** A row may be larger than a record. */
    private void flush() throws IOException {
        byte[] bytes = piece.toByteArray();
        for (int from = 0; from < bytes.length; from += Records.MOST_BYTES) {
            int to = Math.min(bytes.length, from + Records.MOST_BYTES);
            new Records.Data(java.util.Arrays.copyOfRange(bytes, from, to)).write(out);
        }
        piece.reset();
    }
}
