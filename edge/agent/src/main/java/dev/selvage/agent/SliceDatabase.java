package dev.selvage.agent;

import dev.selvage.agent.SliceChecksums.Digest;
import dev.selvage.files.Damaged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.sqlite.SQLiteConfig;

/** Opens the database file of the slice; one that is damaged is set aside, never a reason not to start, and what is right in it is kept. */
final class SliceDatabase {
    /** Columns and their meaning; databases of another are set aside, and the centre sends the slice again. */
    private static final int SCHEMA = 2;

    // https://sqlite.org/rescode.html
    private static final int ERROR = 1;
    private static final int READ_ONLY = 8;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int FORMAT = 24;
    private static final int NOT_A_DATABASE = 26;
    private static final System.Logger LOG = System.getLogger(SliceDatabase.class.getName());

    private SliceDatabase() {}

    /**
     * @param damage what was found when it was opened
     */
    record Opened(Connection connection, Optional<Damage> damage) {}

    /**
     * @param aside where the damaged file went
     * @param kept how many of its objects could be read
     */
    record Damage(Path aside, int kept, String what) {
        @Override
        public String toString() {
            return "the slice's database was damaged (" + what + ") and is set aside as " + aside.getFileName() + "; "
                    + kept + " objects of it are kept, workloads run on, the centre sends the rest again";
        }
    }

    static Opened open(Path file) throws SQLException {
        try {
            if (Files.exists(file) && Files.size(file) == 0) {
                throw damage("the file is empty");
            }
            return new Opened(connect(file), Optional.empty());
        } catch (SQLException e) {
            if (!isDamage(e) && !isDamagedHead(file, e)) {
                throw e;
            }
            return openAnew(file, e);
        } catch (IOException e) {
            throw new SQLException(e);
        }
    }

    /** Sets the file aside and opens a new one, with what could be read of the old. */
    static Opened openAnew(Path file, SQLException why) throws SQLException {
        LOG.log(System.Logger.Level.WARNING, "the slice's database is damaged: " + why.getMessage());
        Path aside;
        try {
            aside = Damaged.setAside(file, "-wal");
        } catch (IOException e) {
            throw new SQLException("cannot set the damaged database aside: " + e.getMessage(), e);
        }
        Connection connection = connect(file);
        int kept = SliceSalvage.copy(aside, connection);
        return new Opened(connection, Optional.of(new Damage(aside, kept, String.valueOf(why.getMessage()))));
    }

    /** As SQLite's own. */
    static SQLException damage(String what) {
        return new SQLException(what, "", CORRUPT);
    }

    /** Whether the database itself is broken, as opposed to the disk being full or busy. */
    static boolean isDamage(SQLException e) {
        int code = code(e);
        return code == CORRUPT || code == NOT_A_DATABASE;
    }

    /** At the opening, what is wrong in the file's first bytes is told as a version of SQLite that nobody has written, or as a file that nobody may write. */
    private static boolean isDamagedHead(Path file, SQLException e) {
        int code = code(e);
        return code == ERROR || code == FORMAT || (code == READ_ONLY && Files.isWritable(file));
    }

    /** Extended codes keep the primary one in the low byte. */
    private static int code(SQLException e) {
        return e.getErrorCode() & 0xff;
    }

    static boolean isFull(SQLException e) {
        return code(e) == FULL;
    }

    /** Alone with the file, and first of all: the index of the log is then kept on the heap, not in a file that is mapped, where a full disk is a SIGBUS. */
    static Connection connection(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(2_000);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA locking_mode = EXCLUSIVE");
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = FULL");
            statement.execute("PRAGMA cache_size = -512");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static Connection connect(Path file) throws SQLException {
        boolean fresh = !Files.exists(file);
        Connection connection = connection(file);
        try {
            if (fresh) {
                create(connection);
            }
            check(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void create(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("""
                    CREATE TABLE slice (
                      resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                      uid TEXT NOT NULL, revision INTEGER NOT NULL, json BLOB NOT NULL, crc INTEGER NOT NULL,
                      PRIMARY KEY (resource, namespace, name)) WITHOUT ROWID""");
            statement.executeUpdate(
                    "CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID");
            statement.executeUpdate("PRAGMA user_version = " + SCHEMA);
            set(connection, "schema", Integer.toString(SCHEMA));
            set(connection, "digest", Digest.NONE.toString());
            connection.commit();
        }
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            // So that a log that is lost does not take the tables with it.
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    /** Page by page, then row by row. */
    private static void check(Connection connection) throws SQLException {
        String verdict = one(connection, "PRAGMA quick_check(1)");
        if (!verdict.equals("ok")) {
            throw damage(verdict);
        }
        int version = Integer.parseInt(one(connection, "PRAGMA user_version"));
        if (version > SCHEMA && !wasOurs(connection)) {
            throw new SQLException("the slice's database has schema " + version + ", this agent knows up to " + SCHEMA
                    + ": it was written by a newer agent");
        }
        if (version != SCHEMA) {
            throw damage("its schema is " + version + ", this agent's is " + SCHEMA);
        }
        if (!digest(connection).toString().equals(state(connection, "digest").orElse(""))) {
            throw damage("its rows are not those that were last written");
        }
        checkState(connection);
    }

    /** The version beside the rows has a checksum, the file's own has none. */
    private static boolean wasOurs(Connection connection) {
        try {
            return state(connection, "schema")
                    .filter(Integer.toString(SCHEMA)::equals)
                    .isPresent();
        } catch (SQLException e) {
            return false;
        }
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "no answer";
        }
    }

    /** Of all rows as they are on the disk. */
    static Digest digest(Connection connection) throws SQLException {
        Digest digest = Digest.NONE;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT " + SliceRow.COLUMNS + " FROM slice")) {
            while (rows.next()) {
                digest = digest.with(SliceRow.read(rows).checksum());
            }
        }
        return digest;
    }

    /** All of them: one whose name was hit would else pass for one that was never set. */
    private static void checkState(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT value, crc, name FROM state")) {
            while (rows.next()) {
                value(rows, String.valueOf(rows.getString(3)));
            }
        }
    }

    /** Empty when it was never set. */
    static Optional<String> state(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT value, crc FROM state WHERE name = ?")) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(value(rows, name)) : Optional.empty();
            }
        }
    }

    private static String value(ResultSet row, String name) throws SQLException {
        String value = row.getString(1);
        if (value == null || SliceChecksums.state(name, value) != row.getLong(2)) {
            throw damage("the checksum of its " + name + " does not hold");
        }
        return value;
    }

    static void set(Connection connection, String name, String value) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT OR REPLACE INTO state VALUES (?, ?, ?)")) {
            statement.setString(1, name);
            statement.setString(2, value);
            statement.setLong(3, SliceChecksums.state(name, value));
            statement.executeUpdate();
        }
    }
}
