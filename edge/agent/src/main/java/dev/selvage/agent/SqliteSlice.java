package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.agent.SliceChecksums.Digest;
import dev.selvage.model.Kind;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.Held;
import dev.selvage.session.SliceChange;
import dev.selvage.session.SliceStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The slice on the node's disk (design.md "Node": SQLite, WAL, FULL). A database found damaged, at the start or later, is set aside under a new name; the slice is
 * then what could be read of it and not {@link #whole}, and the next session brings the rest.
 */
final class SqliteSlice implements SliceStore, AutoCloseable {
    private static final String ONE = "WHERE resource = ? AND namespace = ? AND name = ?";
    private static final String CHANGES = "changes";
    private static final System.Logger LOG = System.getLogger(SqliteSlice.class.getName());

    private final Path file;
    private final DiskReserve reserve;
    private final Consumer<String> faults;
    private final SliceMark mark;
    private final ReentrantLock lock = new ReentrantLock();
    private Connection connection;
    /** Of all rows, as it was last committed. */
    private Digest digest = Digest.NONE;

    /** How many were committed, over all databases of this node. */
    private long changes;

    /** The database lacks some of them, and does not know it: told to it with the next change, for a full disk takes nothing now. */
    private boolean behind;

    /** How often the database was replaced by another one since it was opened, or by itself as it was before. */
    private int replaced;

    private boolean closed;

    private SqliteSlice(Path file, DiskReserve reserve, Consumer<String> faults, SliceDatabase.Opened opened)
            throws SQLException {
        this.file = file;
        this.reserve = reserve;
        this.faults = faults;
        this.mark = new SliceMark(file.resolveSibling("slice.mark"), faults);
        this.connection = opened.connection();
        take(opened);
    }

    /**
     * @param faults hears in words when a database was set aside
     */
    static SqliteSlice open(Path file, Consumer<String> faults) throws SQLException {
        DiskReserve reserve = new DiskReserve(file.resolveSibling("reserve"));
        SliceDatabase.Opened opened = openOnDisk(file, reserve);
        reserve.fill();
        return new SqliteSlice(file, reserve, faults, opened);
    }

    /** A full disk does not keep the node from what it already has. */
    private static SliceDatabase.Opened openOnDisk(Path file, DiskReserve reserve) throws SQLException {
        try {
            return SliceDatabase.open(file);
        } catch (SQLException e) {
            if (!SliceDatabase.isFull(e) || !reserve.release()) {
                throw e;
            }
            LOG.log(System.Logger.Level.WARNING, "the disk is full: the slice takes its reserve");
            return SliceDatabase.open(file);
        }
    }

    private void take(SliceDatabase.Opened opened) throws SQLException {
        connection = opened.connection();
        opened.damage().ifPresent(damage -> faults.accept(damage.toString()));
        digest = SliceDatabase.digest(connection);
        count();
    }

    /** A database that has fewer changes than were committed is of an earlier time: right in itself, and not whole. */
    private void count() throws SQLException {
        long here =
                SliceDatabase.state(connection, CHANGES).map(Long::parseLong).orElse(0L);
        changes = Math.max(Math.max(here, mark.changes()), changes);
        behind = here < changes && storedWhole();
        if (behind) {
            replaced++;
            faults.accept("the slice's database is of an earlier time: it has " + here + " of the " + changes
                    + " changes that were stored; workloads run on, the centre sends the rest again");
        }
        mark.write(here);
    }

    private boolean storedWhole() throws SQLException {
        return SliceDatabase.state(connection, "whole")
                .map(Boolean::parseBoolean)
                .orElse(true);
    }

    @Override
    public String incarnation() {
        return state("incarnation").orElse("");
    }

    @Override
    public long revision() {
        return state("revision").map(Long::parseLong).orElse(0L);
    }

    /** False from a damage on until the centre has sent everything again: what is missing here then says nothing. */
    @Override
    public boolean whole() {
        return reading(() -> storedWhole() && !behind);
    }

    private Optional<String> state(String name) {
        return reading(() -> SliceDatabase.state(connection, name));
    }

    @Override
    public List<Held> held() {
        return rows(SliceRow::held, "");
    }

    /** The objects of a kind; one that cannot be read is left out and told. */
    List<ObjectNode> objects(Kind kind) {
        return rows(row -> row.object(faults), "WHERE resource = ?", kind.id()).stream()
                .flatMap(Optional::stream)
                .toList();
    }

    Optional<ObjectNode> get(ObjectKey key) {
        return row(key).flatMap(row -> row.object(faults));
    }

    /** Empty when the node does not hold the object. */
    Optional<String> uid(ObjectKey key) {
        return row(key).map(SliceRow::uid);
    }

    private Optional<SliceRow> row(ObjectKey key) {
        return rows(row -> row, ONE, key.resource(), key.namespace(), key.name()).stream()
                .findFirst();
    }

    /** Which database this is: another one after a damage. */
    int generation() {
        lock.lock();
        try {
            return replaced;
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #apply(SliceChange)}, for a change that was computed against what that generation holds.
     *
     * @throws IllegalStateException when the database was replaced since: a difference would make an empty slice look whole
     */
    void apply(SliceChange change, int generation) {
        lock.lock();
        try {
            if (generation != replaced) {
                throw new IllegalStateException(
                        "the slice's database was replaced since the session began, the slice must come whole");
            }
            apply(change);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void apply(SliceChange change) {
        lock.lock();
        try {
            try {
                commit(change);
            } catch (SQLException e) {
                if (!SliceDatabase.isFull(e) || !reserve.release()) {
                    throw e;
                }
                LOG.log(System.Logger.Level.WARNING, "the disk is full: the slice takes its reserve");
                commit(change);
            }
            reserve.fill();
        } catch (SQLException e) {
            throw failed("store the slice", e);
        } finally {
            lock.unlock();
        }
    }

    private void commit(SliceChange change) throws SQLException {
        try {
            connection.setAutoCommit(false);
            Digest next = digest;
            for (SliceChange.Delete delete : change.deletes()) {
                next = delete(next, delete);
            }
            for (SliceChange.Put put : change.puts()) {
                next = put(next, put);
            }
            SliceDatabase.set(connection, "incarnation", change.incarnation());
            SliceDatabase.set(connection, "revision", Long.toString(change.revision()));
            SliceDatabase.set(connection, "digest", next.toString());
            SliceDatabase.set(connection, CHANGES, Long.toString(changes + 1));
            if (change.whole()) {
                SliceDatabase.set(connection, "whole", "true");
            } else if (behind) {
                SliceDatabase.set(connection, "whole", "false");
            }
            connection.commit();
            digest = next;
            changes++;
            behind = false;
        } catch (SQLException | RuntimeException e) {
            rollback();
            throw e;
        }
        connection.setAutoCommit(true);
    }

    /** Notes beside the database that it has all that was committed until now. For the thread that applies, once nobody waits for the change any more. */
    void mark() {
        mark.write(changes());
    }

    private long changes() {
        lock.lock();
        try {
            return changes;
        } finally {
            lock.unlock();
        }
    }

    /** SQLite itself has rolled back when the disk is full (sqlite.org/lang_transaction.html, 3): neither step may hide why. */
    private void rollback() {
        attempt(connection::rollback);
        attempt(() -> connection.setAutoCommit(true));
    }

    private interface Step {
        void run() throws SQLException;
    }

    private static void attempt(Step step) {
        try {
            step.run();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "rollback failed", e);
        }
    }

    private Digest delete(Digest before, SliceChange.Delete delete) throws SQLException {
        Optional<SliceRow> present = stored(delete.key());
        if (present.isEmpty()
                || !(delete.uid().isEmpty() || delete.uid().equals(present.get().uid()))) {
            return before;
        }
        ObjectKey key = delete.key();
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM slice " + ONE)) {
            bind(statement, key.resource(), key.namespace(), key.name());
            statement.executeUpdate();
        }
        return before.without(present.get().checksum());
    }

    private Digest put(Digest before, SliceChange.Put put) throws SQLException {
        Optional<SliceRow> present = stored(put.key());
        long checksum = SliceChecksums.row(put.key(), put.uid(), put.revision(), put.json());
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT OR REPLACE INTO slice VALUES (?, ?, ?, ?, ?, ?, ?)")) {
            SliceSalvage.put(statement, new SliceRow(put.key(), put.uid(), put.revision(), put.json(), checksum));
        }
        return present.map(row -> before.without(row.checksum())).orElse(before).with(checksum);
    }

    private Optional<SliceRow> stored(ObjectKey key) throws SQLException {
        return select(row -> row, ONE, key.resource(), key.namespace(), key.name()).stream()
                .findFirst();
    }

    private <T> List<T> rows(Function<SliceRow, T> as, String where, String... parameters) {
        return reading(() -> select(as, where, parameters));
    }

    /** One row after the other: all of them may be more than the agent's heap holds. */
    private <T> List<T> select(Function<SliceRow, T> as, String where, String... parameters) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + SliceRow.COLUMNS + " FROM slice " + where)) {
            bind(statement, parameters);
            List<T> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(as.apply(SliceRow.read(result)));
                }
            }
            return rows;
        }
    }

    private interface Reading<T> {
        T read() throws SQLException;
    }

    private <T> T reading(Reading<T> reading) {
        lock.lock();
        try {
            return reading.read();
        } catch (SQLException e) {
            throw failed("read the slice", e);
        } finally {
            lock.unlock();
        }
    }

    private static void bind(PreparedStatement statement, String... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setString(i + 1, parameters[i]);
        }
    }

    /** A damage that shows up only now: the database is set aside, and the caller learns that this call failed. */
    private IllegalStateException failed(String what, SQLException e) {
        try {
            if (SliceDatabase.isDamage(e) && !connection.isClosed()) {
                replaced++;
                connection.close();
                take(SliceDatabase.openAnew(file, e));
            } else if (connection.isClosed() && !closed) {
                take(SliceDatabase.open(file));
            }
        } catch (SQLException again) {
            e.addSuppressed(again);
        }
        return new IllegalStateException("cannot " + what + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            connection.close();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot close the slice's database", e);
        } finally {
            lock.unlock();
        }
    }
}
