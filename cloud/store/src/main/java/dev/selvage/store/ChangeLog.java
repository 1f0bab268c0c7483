package dev.selvage.store;

import dev.selvage.model.ObjectKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads objects and changes from the database. */
final class ChangeLog {
    private static final String COLUMNS = "revision, op, resource, namespace, name, uid, json, before";

    /** @param compacted changes up to this revision are gone */
    record Counter(long revision, long compacted, String incarnation, String origin) {}

    private ChangeLog() {}

    static Counter counter(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT revision, compacted, incarnation, origin FROM counter")) {
            if (!row.next()) {
                throw new StoreException("the counter row is missing: the database is damaged");
            }
            return new Counter(row.getLong(1), row.getLong(2), row.getString(3), row.getString(4));
        }
    }

    /** Changes after a revision, in order. */
    static List<Change> after(Connection connection, long revision, int limit) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT " + COLUMNS + " FROM change WHERE revision > ? ORDER BY revision LIMIT ?")) {
            query.setLong(1, revision);
            query.setInt(2, limit);
            return changes(query);
        }
    }

    /**
     * Changes of one resource with {@code after < revision <= upTo}, in order; empty Optional when some may be compacted. That is asked last, so that
     * a partition dropped between the two statements does not go unnoticed.
     */
    static Optional<List<Change>> page(Connection connection, String resource, long after, long upTo, int limit)
            throws SQLException {
        List<Change> found;
        try (PreparedStatement query = connection.prepareStatement("SELECT " + COLUMNS
                + " FROM change WHERE revision > ? AND revision <= ? AND resource = ? ORDER BY revision LIMIT ?")) {
            query.setLong(1, after);
            query.setLong(2, upTo);
            query.setString(3, resource);
            query.setInt(4, limit);
            found = changes(query);
        }
        return counter(connection).compacted() > after ? Optional.empty() : Optional.of(found);
    }

    /** Every object, at one revision. Needs a transaction that is repeatable read and has read nothing yet. */
    static Snapshot load(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // before the snapshot is taken: no partition goes that holds the content of what is read
            statement.execute("LOCK TABLE change IN ACCESS SHARE MODE");
        }
        Counter counter = counter(connection);
        long revision = counter.revision();
        Map<String, EntryTree> trees = new HashMap<>();
        Map<String, Long> changed = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(500);
            try (ResultSet row = statement.executeQuery(
                    "SELECT o.resource, o.namespace, o.name, o.uid, o.revision, coalesce(o.json, c.json)"
                            + " FROM object o LEFT JOIN change c ON o.json IS NULL AND c.revision = o.revision")) {
                while (row.next()) {
                    Entry entry = Entry.of(content(row));
                    trees.compute(entry.key().resource(), (_, tree) -> EntryTree.with(tree, entry));
                }
            }
        }
        trees.keySet().forEach(resource -> changed.put(resource, revision));
        return new Snapshot(revision, counter.incarnation(), trees, changed);
    }

    static Stored stored(ObjectKey key, String uid, long revision, byte[] form) {
        return new Stored(key, uid, revision, StoredForm.stamp(form, revision));
    }

    private static Stored content(ResultSet row) throws SQLException {
        ObjectKey key = new ObjectKey(row.getString(1), row.getString(2), row.getString(3));
        byte @Nullable [] form = row.getBytes(6);
        if (form == null) {
            throw new StoreException("the content of " + key + " at revision " + row.getLong(5)
                    + " is missing: the database is damaged");
        }
        return stored(key, row.getString(4), row.getLong(5), form);
    }

    private static List<Change> changes(PreparedStatement query) throws SQLException {
        List<Change> found = new ArrayList<>();
        try (ResultSet row = query.executeQuery()) {
            while (row.next()) {
                ObjectKey key = new ObjectKey(row.getString(3), row.getString(4), row.getString(5));
                long revision = row.getLong(1);
                Entry after = Entry.of(stored(key, row.getString(6), revision, row.getBytes(7)));
                found.add(new Change(Change.Op.of(row.getString(2)), before(row.getString(8), after), after));
            }
        }
        return found;
    }

    private static @Nullable Marks before(@Nullable String text, Entry after) {
        if (text == null) {
            return null;
        }
        return text.isEmpty() ? after.marks() : Marks.parse(text);
    }
}
