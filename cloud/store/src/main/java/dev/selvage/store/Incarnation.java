package dev.selvage.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/**
 * The store's incarnation: a random id, given anew when the cluster's system identifier or timeline is another than the one it was given for. A
 * dump restored elsewhere changes the first, a promoted standby or a recovery to a point in time the second.
 */
final class Incarnation {
    private Incarnation() {}

    /** The incarnation of the database as it is now; one process of several gives the new one. */
    static String settle(Connection connection) throws SQLException {
        String origin = origin(connection);
        ChangeLog.Counter counter = ChangeLog.counter(connection);
        if (counter.origin().equals(origin)) {
            return counter.incarnation();
        }
        try (PreparedStatement swap = connection.prepareStatement(
                "UPDATE counter SET incarnation = ?, origin = ? WHERE incarnation = ? AND origin = ?")) {
            swap.setString(1, UUID.randomUUID().toString());
            swap.setString(2, origin);
            swap.setString(3, counter.incarnation());
            swap.setString(4, counter.origin());
            swap.executeUpdate();
        }
        return ChangeLog.counter(connection).incarnation();
    }

    static void renew(Connection connection) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE counter SET incarnation = ?")) {
            update.setString(1, UUID.randomUUID().toString());
            update.executeUpdate();
        }
    }

    /** The name of the current WAL file begins with the timeline; unlike pg_control it shows a promotion before the next checkpoint. */
    private static String origin(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT system_identifier || '/' ||"
                        + " substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) FROM pg_control_system()")) {
            row.next();
            return row.getString(1);
        }
    }
}
