package dev.selvage.bench;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * What the installation's own PostgreSQL does without Selvage: one connection, and a table of keys and documents. A plain one, and one that keeps its rows whole
 * as the change log does, which a plain table does not above 2 KB.
 */
final class RawTable implements AutoCloseable {
    static final String PLAIN = "bench_plain";
    static final String WHOLE = "bench_whole";

    private final Connection connection;
    private long series;

    private RawTable(Connection connection) {
        this.connection = connection;
    }

    static RawTable in(Installation installation) throws Exception {
        Connection connection = connect(installation);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + PLAIN + " (key text PRIMARY KEY, json bytea NOT NULL)");
            statement.execute("CREATE TABLE " + WHOLE
                    + " (key text PRIMARY KEY, json bytea NOT NULL) WITH (toast_tuple_target = 8160)");
        }
        return new RawTable(connection);
    }

    static Connection connect(Installation installation) throws Exception {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + installation.databasePort() + "/selvage",
                "selvage",
                installation.databasePassword());
    }

    /** Rows per second of commits back to back; each is one statement, and its end is the commit. */
    double insert(String table, int rows, Duration time) throws SQLException {
        String run = "r" + series++ + "-";
        byte[] json = BenchObjects.json("raw", "raw", BenchObjects.text()).getBytes(StandardCharsets.US_ASCII);
        long begun = System.nanoTime();
        long count = 0;
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO " + table + " SELECT * FROM unnest(?::text[], ?::bytea[])")) {
            while (System.nanoTime() - begun < time.toNanos()) {
                String[] keys = new String[rows];
                byte[][] values = new byte[rows][];
                for (int i = 0; i < rows; i++) {
                    keys[i] = run + count++;
                    values[i] = json;
                }
                insert.setArray(1, connection.createArrayOf("text", keys));
                insert.setArray(2, connection.createArrayOf("bytea", values));
                insert.executeUpdate();
            }
        }
        return count / ((System.nanoTime() - begun) / 1e9);
    }

    double number(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getDouble(1);
        }
    }

    /** KiB of write-ahead log since the cluster began. */
    double wal() throws SQLException {
        return number("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') / 1024");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
