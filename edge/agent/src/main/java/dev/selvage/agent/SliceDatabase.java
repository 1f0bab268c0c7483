package dev.selvage.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.sqlite.SQLiteConfig;

/** Opens the database file of the slice; one that is damaged is set aside, never a reason not to start. */
final class SliceDatabase {
    /** Damaged files kept for whoever wants to look; older ones are deleted. */
    private static final int KEPT = 3;

    private static final int SCHEMA = 1;
    private static final System.Logger LOG = System.getLogger(SliceDatabase.class.getName());

    private SliceDatabase() {}

    /**
     * @param setAside where the damaged file went, if there was one
     */
    record Opened(Connection connection, Optional<Path> setAside) {}

    static Opened open(Path file) throws SQLException {
        try {
            return new Opened(connect(file), Optional.empty());
        } catch (SQLException e) {
            if (!isDamage(e)) {
                throw e;
            }
            LOG.log(System.Logger.Level.WARNING, "the slice's database is damaged: " + e.getMessage());
            return new Opened(connectAnew(file), Optional.of(lastSetAside(file)));
        }
    }

    private static Connection connectAnew(Path file) throws SQLException {
        setAside(file);
        return connect(file);
    }

    /** Whether the database itself is broken, as opposed to the disk being full or busy. */
    static boolean isDamage(SQLException e) {
        // https://sqlite.org/rescode.html: SQLITE_CORRUPT 11, SQLITE_NOTADB 26; extended codes keep them in the low
        // byte.
        int code = e.getErrorCode() & 0xff;
        return code == 11 || code == 26;
    }

    static boolean isFull(SQLException e) {
        return (e.getErrorCode() & 0xff) == 13;
    }

    private static Connection connect(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(2_000);
        config.setCacheSize(-512);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try {
            check(connection);
            create(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void check(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
            String verdict = rows.next() ? rows.getString(1) : "no answer";
            if (!verdict.equals("ok")) {
                throw new SQLException(verdict, "", 11);
            }
        }
    }

    private static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int version;
            try (ResultSet rows = statement.executeQuery("PRAGMA user_version")) {
                version = rows.next() ? rows.getInt(1) : 0;
            }
            if (version > SCHEMA) {
                throw new SQLException("the slice's database has schema " + version + ", this agent knows up to "
                        + SCHEMA + ": it was written by a newer agent");
            }
            statement.executeUpdate("""
                    CREATE TABLE IF NOT EXISTS slice (
                      resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                      uid TEXT NOT NULL, revision INTEGER NOT NULL, json BLOB NOT NULL,
                      PRIMARY KEY (resource, namespace, name)) WITHOUT ROWID""");
            statement.executeUpdate(
                    "CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
            statement.executeUpdate("PRAGMA user_version = " + SCHEMA);
        }
    }

    /** Moves the database and its log under a new name. */
    static Path setAside(Path file) throws SQLException {
        String stamp = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS", java.util.Locale.ROOT)
                .withZone(ZoneOffset.UTC)
                .format(Instant.now());
        Path target = file.resolveSibling(file.getFileName() + ".damaged-" + stamp);
        try {
            if (Files.exists(file)) {
                Files.move(file, target);
            }
            for (String suffix : List.of("-wal", "-shm")) {
                Path part = file.resolveSibling(file.getFileName() + suffix);
                if (Files.exists(part)) {
                    Files.move(part, target.resolveSibling(target.getFileName() + suffix));
                }
            }
            deleteOld(file);
            return target;
        } catch (IOException e) {
            throw new SQLException("cannot set the damaged database aside: " + e.getMessage(), e);
        }
    }

    private static void deleteOld(Path file) throws IOException {
        List<Path> old = damaged(file);
        for (Path path : old.subList(0, Math.max(0, old.size() - KEPT))) {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(path.resolveSibling(path.getFileName() + suffix));
            }
        }
    }

    private static Path lastSetAside(Path file) throws SQLException {
        try {
            return damaged(file).getLast();
        } catch (IOException e) {
            throw new SQLException(e);
        }
    }

    private static List<Path> damaged(Path file) throws IOException {
        try (Stream<Path> files = Files.list(file.toAbsolutePath().getParent())) {
            return files.filter(f -> name(f).startsWith(name(file) + ".damaged-"))
                    .filter(f -> !name(f).endsWith("-wal") && !name(f).endsWith("-shm"))
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
