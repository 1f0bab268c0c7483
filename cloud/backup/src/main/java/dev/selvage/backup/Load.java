package dev.selvage.backup;

import dev.selvage.store.Migrations;
import java.io.DataInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Fills a schema of its own with what a backup holds: the tables are made by the migrations up to the backup's version, so that a centre of a later version finds what
 * it would have found in place, and brings it up to date as ever.
 */
final class Load {
    /** As etcd's bump on restore: no revision that a client saw after the backup was made comes again with another meaning. */
    private static final long REVISIONS_APART = 1_000_000_000L;

    private final DataSource database;
    private final Connection connection;
    private final String schema;
    private final DataInputStream in;
    private final Listener listener;
    private final Set<String> loaded = new HashSet<>();
    private long objects;

    /** @param schema exists and is empty */
    Load(DataSource database, Connection connection, String schema, DataInputStream in, Listener listener) {
        this.database = database;
        this.connection = connection;
        this.schema = schema;
        this.in = in;
        this.listener = listener;
    }

    /** @param highest revision of the store that is replaced, 0 where there is none */
    Summary run(Manifest manifest, List<Part> parts, long highest) throws SQLException, IOException {
        make(manifest, parts);
        List<String> expected = expected(parts);
        for (Records next = Records.read(in); !(next instanceof Records.End); next = Records.read(in)) {
            if (!(next instanceof Records.Table table) || !expected.contains(table.name())) {
                throw new BackupException("it is damaged: found " + next + ", accepted are the tables " + expected);
            }
            table(table);
        }
        expected.stream().filter(table -> !loaded.contains(table)).findFirst().ifPresent(missing -> {
            throw new BackupException("it is damaged: it lacks the table " + missing);
        });
        long revision = Math.max(manifest.revision(), highest) + REVISIONS_APART;
        beginAnew(revision);
        return new Summary(manifest.createdAt(), manifest.revision(), objects, parts.contains(Part.TELEMETRY));
    }

    private void make(Manifest manifest, List<Part> parts) {
        for (Part part : parts) {
            String wanted = manifest.schema().get(part.module());
            List<String> known = Migrations.known(database, part.module());
            if (wanted == null || !known.contains(wanted)) {
                throw new BackupException("its tables of " + part.module() + " are of version " + wanted
                        + ", this version of Selvage knows " + known + ": restore it with the one that made it");
            }
            Migrations.make(database, part.module(), schema, wanted);
        }
    }

    private List<String> expected(List<Part> parts) throws SQLException {
        List<String> made = Tables.of(connection, schema);
        return parts.stream()
                .flatMap(part -> part.kept().stream())
                .filter(made::contains)
                .toList();
    }

    private void table(Records.Table table) throws SQLException, IOException {
        if (!loaded.add(table.name())) {
            throw new BackupException("it is damaged: the table " + table.name() + " comes twice");
        }
        String name = Tables.quoted(schema, table.name());
        Tables.execute(connection, "DELETE FROM " + name); // what the migration itself put there
        List<String> columns = new ArrayList<>();
        for (String column : table.columns()) {
            columns.add(Tables.quoted(column));
        }
        long rows =
                copy(table.name(), "COPY " + name + " (" + String.join(", ", columns) + ") FROM STDIN (FORMAT binary)");
        objects = table.name().equals("object") ? rows : objects;
        for (String column : Tables.identities(connection, schema, table.name())) {
            Tables.texts(
                    connection,
                    "SELECT setval(pg_get_serial_sequence(?, ?), max(" + Tables.quoted(column) + ")) FROM " + name,
                    name,
                    column);
        }
    }

    private long copy(String table, String sql) throws SQLException, IOException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        long bytes = 0;
        try {
            while (true) {
                switch (Records.read(in)) {
                    case Records.Data data -> {
                        copy.writeToCopy(data.bytes(), 0, data.bytes().length);
                        bytes += data.bytes().length;
                        listener.table(table, 0, bytes, false);
                    }
                    case Records.TableEnd(long rows) -> {
                        long copied = copy.endCopy();
                        if (copied != rows) {
                            throw new BackupException("it is damaged: the table " + table + " has " + copied
                                    + " rows, its end says " + rows);
                        }
                        listener.table(table, rows, bytes, true);
                        return rows;
                    }
                    case Records other -> throw new BackupException("it is damaged: found " + other + " among rows");
                }
            }
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** Another incarnation, which every node's deletions wait for; and no change before this revision can be asked for. */
    private void beginAnew(long revision) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE " + Tables.quoted(schema, "counter")
                + " SET revision = ?, compacted = ?, incarnation = ?, origin = ''")) {
            update.setLong(1, revision);
            update.setLong(2, revision);
            update.setString(3, UUID.randomUUID().toString());
            if (update.executeUpdate() != 1) {
                throw new BackupException("it is damaged: its counter row is missing");
            }
        }
    }
}
