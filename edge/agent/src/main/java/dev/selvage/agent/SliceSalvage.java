package dev.selvage.agent;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Takes out of a damaged database what is right in it, so that a node without a link goes on with all but what was hit. */
final class SliceSalvage {
    private static final System.Logger LOG = System.getLogger(SliceSalvage.class.getName());

    private SliceSalvage() {}

    /** Gives how many objects there were; the new database knows from now on that it is not whole. */
    static int copy(Path damaged, Connection into) throws SQLException {
        into.setAutoCommit(false);
        try {
            SliceDatabase.set(into, "whole", "false");
            try (Connection from = SliceDatabase.connection(damaged)) {
                // From both ends, to whatever cannot be read in the middle.
                rows(from, into, "ASC");
                rows(from, into, "DESC");
                state(from, into, "incarnation");
                state(from, into, "revision");
            } catch (SQLException e) {
                tell(e);
            }
            SliceChecksums.Digest digest = SliceDatabase.digest(into);
            SliceDatabase.set(into, "digest", digest.toString());
            into.commit();
            return (int) digest.rows();
        } finally {
            into.setAutoCommit(true);
        }
    }

    private static void rows(Connection from, Connection into, String order) {
        String by = "ORDER BY resource %1$s, namespace %1$s, name %1$s".formatted(order);
        try (Statement statement = from.createStatement();
                ResultSet rows = statement.executeQuery("SELECT " + SliceRow.COLUMNS + " FROM slice " + by)) {
            while (rows.next()) {
                keep(rows, into);
            }
        } catch (SQLException e) {
            tell(e);
        }
    }

    private static void keep(ResultSet rows, Connection into) throws SQLException {
        SliceRow row;
        try {
            row = SliceRow.read(rows);
        } catch (SQLException e) {
            tell(e);
            return;
        }
        try (PreparedStatement insert =
                into.prepareStatement("INSERT OR IGNORE INTO slice VALUES (?, ?, ?, ?, ?, ?, ?)")) {
            put(insert, row);
        }
    }

    static void put(PreparedStatement insert, SliceRow row) throws SQLException {
        insert.setString(1, row.key().resource());
        insert.setString(2, row.key().namespace());
        insert.setString(3, row.key().name());
        insert.setString(4, row.uid());
        insert.setLong(5, row.revision());
        insert.setBytes(6, row.json());
        insert.setLong(7, row.checksum());
        insert.executeUpdate();
    }

    private static void state(Connection from, Connection into, String name) {
        try {
            var value = SliceDatabase.state(from, name);
            if (value.isPresent()) {
                SliceDatabase.set(into, name, value.get());
            }
        } catch (SQLException e) {
            tell(e);
        }
    }

    private static void tell(SQLException e) {
        LOG.log(System.Logger.Level.DEBUG, "part of the damaged database is lost: " + e.getMessage());
    }
}
