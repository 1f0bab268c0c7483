package dev.selvage.backup;

import dev.selvage.store.StoreException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.zip.InflaterInputStream;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;

/**
 * Replaces what a centre keeps in its database by a backup: the whole file is held to its checksum, all rows are loaded beside what is there, and the last step, one
 * transaction, exchanges the two. Until then nothing is touched.
 */
public final class Restore {
    private static final String BESIDE = "selvage_restore";
    /** "selvage" and a number: advisory locks are shared by all who use the database. */
    private static final long LOCK_KEY = 0x73656c76616704L;

    private final DataSource database;
    private final Connection connection;
    private final String schema;
    private final Listener listener;

    private Restore(DataSource database, Connection connection, Listener listener) throws SQLException {
        this.database = database;
        this.connection = connection;
        this.schema = Tables.currentSchema(connection);
        this.listener = listener;
    }

    /**
     * Telemetry of the database stays when the backup has none.
     *
     * @param force whether a store or CA that is there may be replaced
     * @throws BackupException saying why nothing was replaced
     */
    public static Summary run(
            DatabaseAddress address, Path file, boolean force, Optional<String> passphrase, Listener listener) {
        try {
            ChunkInput.verify(file);
            DataSource database = address.dataSource();
            try (Connection connection = database.getConnection()) {
                return new Restore(database, connection, listener).run(file, force, passphrase);
            }
        } catch (NoSuchFileException e) {
            throw failed(file, "there is no such file", e);
        } catch (IOException e) {
            throw failed(file, "it cannot be read: " + e.getMessage(), e);
        } catch (SQLException | StoreException | FlywayException e) {
            throw failed(file, "the database refuses: " + e.getMessage(), e);
        } catch (BackupException e) {
            throw failed(file, String.valueOf(e.getMessage()), e);
        }
    }

    private static BackupException failed(Path file, String why, Exception cause) {
        return new BackupException("nothing was replaced; " + file + ": " + why, cause);
    }

    private Summary run(Path file, boolean force, Optional<String> passphrase) throws IOException, SQLException {
        Tables.execute(connection, "SET statement_timeout = 0");
        if (!Tables.texts(connection, "SELECT pg_try_advisory_lock(" + LOCK_KEY + ")")
                .getFirst()
                .equals("t")) {
            throw new BackupException("another restore into this database is under way");
        }
        requireStopped();
        if (!force && (filled("object") || filled("certificate_authority"))) {
            throw new BackupException(
                    "the database holds a centre already: replace its objects, identities and CA with --force");
        }
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                DataInputStream in = new DataInputStream(new InflaterInputStream(new ChunkInput(raw, passphrase)))) {
            return run(in);
        }
    }

    private boolean filled(String table) throws SQLException {
        return Tables.filled(connection, schema, table);
    }

    private Summary run(DataInputStream in) throws IOException, SQLException {
        if (!(Records.read(in) instanceof Records.Head(Manifest manifest))) {
            throw new BackupException("it is damaged: it does not begin with its manifest");
        }
        List<Part> parts = manifest.schema().keySet().stream().map(Part::of).toList();
        if (!parts.containsAll(Part.of(false))) {
            throw new BackupException("it is damaged: found tables of "
                    + manifest.schema().keySet() + ", expected are those of store and identity");
        }
        dropBeside();
        try {
            Tables.execute(connection, "CREATE SCHEMA " + BESIDE);
            Summary summary =
                    new Load(database, connection, BESIDE, in, listener).run(manifest, parts, highestRevision());
            exchange(parts);
            return summary;
        } finally {
            dropBeside();
        }
    }

    private long highestRevision() throws SQLException {
        return filled("counter")
                ? Long.parseLong(Tables.texts(connection, "SELECT revision FROM " + Tables.quoted(schema, "counter"))
                        .getFirst())
                : 0;
    }

    private void exchange(List<Part> parts) throws SQLException {
        connection.setAutoCommit(false);
        try {
            Tables.execute(connection, "SET LOCAL lock_timeout = '10s'");
            for (String table : parts.stream().flatMap(Part::replaced).toList()) {
                Tables.execute(connection, "DROP TABLE IF EXISTS " + Tables.quoted(schema, table));
            }
            for (String table : Tables.of(connection, BESIDE)) {
                Tables.execute(
                        connection,
                        "ALTER TABLE " + Tables.quoted(BESIDE, table) + " SET SCHEMA " + Tables.quoted(schema));
            }
            for (String function : Tables.functions(connection, BESIDE)) {
                Tables.execute(connection, "DROP FUNCTION IF EXISTS " + Tables.quoted(schema) + "." + function);
                Tables.execute(
                        connection,
                        "ALTER FUNCTION " + Tables.quoted(BESIDE) + "." + function + " SET SCHEMA "
                                + Tables.quoted(schema));
            }
            requireStopped(); // one that has started meanwhile
            connection.commit();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private void requireStopped() throws SQLException {
        List<String> clients = Tables.texts(
                connection,
                "SELECT DISTINCT coalesce(host(client_addr), 'a local socket') FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND application_name = ? ORDER BY 1",
                DatabaseAddress.CENTRE);
        if (!clients.isEmpty()) {
            throw new BackupException("a centre is running on the database (connected from "
                    + String.join(", ", clients) + "): stop every one first");
        }
    }

    private void dropBeside() throws SQLException {
        Tables.execute(connection, "DROP SCHEMA IF EXISTS " + BESIDE + " CASCADE");
    }
}
