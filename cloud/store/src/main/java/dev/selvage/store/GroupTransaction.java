package dev.selvage.store;

import dev.selvage.model.ObjectKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One group in one transaction, in three statements: lock what exists and look at its revision; claim the names of what is created; and last the one
 * that takes the counter row, gives the revisions, and writes. Rows are locked and names claimed in key order, and a transaction that still locks
 * rows has claimed no name: so groups of several processes wait for each other, but never in a circle.
 */
final class GroupTransaction {
    private static final String LOCK = """
            SELECT o.resource, o.namespace, o.name, o.uid, o.revision, CASE WHEN o.revision <> w.expected THEN o.json END
            FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[]) AS w (resource, namespace, name, expected)
            JOIN object o USING (resource, namespace, name)
            ORDER BY o.resource, o.namespace, o.name FOR UPDATE OF o""";
    private static final String CLAIM = """
            INSERT INTO object (resource, namespace, name, uid, revision, node, json)
            SELECT resource, namespace, name, uid, 0, '', ''
            FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS w (resource, namespace, name, uid)
            ORDER BY resource, namespace, name
            ON CONFLICT DO NOTHING RETURNING resource, namespace, name""";
    private static final String WRITE = """
            WITH w AS MATERIALIZED (
                SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bytea[], ?::text[])
                    WITH ORDINALITY AS w (op, resource, namespace, name, uid, node, json, before, place)),
            c AS (UPDATE counter SET revision = revision + ? WHERE incarnation = ? RETURNING revision - ? AS base),
            u AS (UPDATE object o SET revision = c.base + w.place, node = w.node, json = w.json FROM w, c
                WHERE w.op <> 'D' AND o.resource = w.resource AND o.namespace = w.namespace AND o.name = w.name),
            d AS (DELETE FROM object o USING w, c
                WHERE w.op = 'D' AND o.resource = w.resource AND o.namespace = w.namespace AND o.name = w.name),
            l AS (INSERT INTO change (revision, op, resource, namespace, name, uid, node, json, before)
                SELECT c.base + w.place, w.op, w.resource, w.namespace, w.name, w.uid, w.node, w.json, w.before FROM w, c)
            SELECT base, pg_notify('selvage_change', (base + ?)::text) FROM c""";
    /** https://www.postgresql.org/docs/18/errcodes-appendix.html: classes that speak of the data, not of the connection or the load. */
    private static final Set<String> POISON = Set.of("21", "22", "23", "42", "54");
    /** A row that fits no partition (check_violation). */
    private static final String NO_PARTITION = "23514";

    private final Database database;
    private final Supplier<String> incarnation;
    private final Runnable partitions;

    /** Nothing of the group was committed. */
    static final class NotCommitted extends Exception {
        private final boolean poison;

        NotCommitted(SQLException cause) {
            super(cause.getMessage(), cause);
            @Nullable String state = cause.getSQLState();
            this.poison = state != null && state.length() == 5 && POISON.contains(state.substring(0, 2));
        }

        /** The database refused what was written, and will again. */
        boolean poison() {
            return poison;
        }
    }

    /** @param results one for each write; keys are unique within a group */
    record Committed(Map<ObjectKey, Write.Result> results, List<Change> changes) {}

    /** @param partitions makes partitions of the change log for the revisions to come */
    GroupTransaction(Database database, Supplier<String> incarnation, Runnable partitions) {
        this.database = database;
        this.incarnation = incarnation;
        this.partitions = partitions;
    }

    /** @throws SQLException when the commit itself failed: whether it happened is unknown */
    Committed commit(List<Write> group) throws NotCommitted, SQLException {
        try {
            return attempt(group);
        } catch (NotCommitted e) {
            if (e.getCause() instanceof SQLException cause && NO_PARTITION.equals(cause.getSQLState())) {
                partitions.run();
                return attempt(group);
            }
            throw e;
        }
    }

    private Committed attempt(List<Write> group) throws NotCommitted, SQLException {
        Connection connection;
        try {
            connection = database.pool().getConnection();
        } catch (SQLException e) {
            throw new NotCommitted(e);
        }
        try (connection) {
            Committed committed;
            try {
                connection.setAutoCommit(false);
                committed = run(connection, group);
            } catch (SQLException e) {
                rollback(connection);
                throw new NotCommitted(e);
            } catch (RuntimeException e) {
                rollback(connection);
                throw e;
            }
            connection.commit();
            return committed;
        }
    }

    private Committed run(Connection connection, List<Write> group) throws SQLException {
        Map<ObjectKey, Write.Result> results = new HashMap<>();
        List<Write> effective = new ArrayList<>();
        judgeExisting(connection, group, results, effective);
        judgeCreations(connection, group, results, effective);
        if (effective.isEmpty()) {
            return new Committed(results, List.of());
        }
        long base = write(connection, effective);
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < effective.size(); i++) {
            Change change = effective.get(i).committed(base + i + 1);
            changes.add(change);
            results.put(
                    effective.get(i).key(), new Write.Result.Done(change.after().stored()));
        }
        return new Committed(results, changes);
    }

    private static void judgeExisting(
            Connection connection, List<Write> group, Map<ObjectKey, Write.Result> results, List<Write> effective)
            throws SQLException {
        List<Write> existing = group.stream()
                .filter(write -> write.kind() != Write.Kind.CREATE)
                .toList();
        if (existing.isEmpty()) {
            return;
        }
        Map<ObjectKey, Stored> found = new HashMap<>();
        Set<ObjectKey> holding = new HashSet<>();
        try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
            keys(connection, lock, existing);
            lock.setArray(
                    4,
                    connection.createArrayOf(
                            "bigint", existing.stream().map(Write::expected).toArray()));
            try (ResultSet row = lock.executeQuery()) {
                while (row.next()) {
                    byte @Nullable [] other = row.getBytes(6);
                    ObjectKey key = new ObjectKey(row.getString(1), row.getString(2), row.getString(3));
                    if (other == null) {
                        holding.add(key);
                    } else {
                        found.put(key, ChangeLog.stored(row, row.getLong(5), other));
                    }
                }
            }
        }
        for (Write write : existing) {
            if (!holding.contains(write.key())) {
                results.put(write.key(), new Write.Result.Mismatch(found.get(write.key())));
            } else if (write.kind() == Write.Kind.VERIFY) {
                results.put(write.key(), new Write.Result.Verified());
            } else {
                effective.add(write);
            }
        }
    }

    private static void judgeCreations(
            Connection connection, List<Write> group, Map<ObjectKey, Write.Result> results, List<Write> effective)
            throws SQLException {
        List<Write> creations = group.stream()
                .filter(write -> write.kind() == Write.Kind.CREATE)
                .sorted(Comparator.comparing(Write::key))
                .toList();
        if (creations.isEmpty()) {
            return;
        }
        Set<ObjectKey> claimed = new HashSet<>();
        try (PreparedStatement claim = connection.prepareStatement(CLAIM)) {
            keys(connection, claim, creations);
            claim.setArray(4, texts(connection, creations, Write::uid));
            try (ResultSet row = claim.executeQuery()) {
                while (row.next()) {
                    claimed.add(new ObjectKey(row.getString(1), row.getString(2), row.getString(3)));
                }
            }
        }
        for (Write write : creations) {
            if (claimed.contains(write.key())) {
                effective.add(write);
            } else {
                results.put(write.key(), new Write.Result.Mismatch(read(connection, write.key())));
            }
        }
    }

    static @Nullable Stored read(Connection connection, ObjectKey key) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT resource, namespace, name, uid, revision, json"
                        + " FROM object WHERE resource = ? AND namespace = ? AND name = ?")) {
            query.setString(1, key.resource());
            query.setString(2, key.namespace());
            query.setString(3, key.name());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? ChangeLog.stored(row, row.getLong(5), row.getBytes(6)) : null;
            }
        }
    }

    private long write(Connection connection, List<Write> effective) throws SQLException {
        int count = effective.size();
        try (PreparedStatement write = connection.prepareStatement(WRITE)) {
            write.setArray(1, texts(connection, effective, w -> w.op().code()));
            write.setArray(2, texts(connection, effective, w -> w.key().resource()));
            write.setArray(3, texts(connection, effective, w -> w.key().namespace()));
            write.setArray(4, texts(connection, effective, w -> w.key().name()));
            write.setArray(5, texts(connection, effective, Write::uid));
            write.setArray(6, texts(connection, effective, Write::node));
            write.setArray(
                    7,
                    connection.createArrayOf(
                            "bytea", effective.stream().map(Write::form).toArray(byte[][]::new)));
            write.setArray(8, texts(connection, effective, Write::beforeText));
            write.setInt(9, count);
            write.setString(10, incarnation.get());
            write.setInt(11, count);
            write.setInt(12, count);
            try (ResultSet row = write.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("the database is another incarnation than the one that was read", "40001");
                }
                return row.getLong(1);
            }
        }
    }

    private static void keys(Connection connection, PreparedStatement statement, List<Write> writes)
            throws SQLException {
        statement.setArray(1, texts(connection, writes, w -> w.key().resource()));
        statement.setArray(2, texts(connection, writes, w -> w.key().namespace()));
        statement.setArray(3, texts(connection, writes, w -> w.key().name()));
    }

    private static java.sql.Array texts(
            Connection connection, List<Write> writes, Function<Write, @Nullable String> text) throws SQLException {
        return connection.createArrayOf("text", writes.stream().map(text).toArray());
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // the connection is gone, and with it the transaction
        }
    }
}
