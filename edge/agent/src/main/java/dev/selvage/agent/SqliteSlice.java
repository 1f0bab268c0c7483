package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
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

/**
 * The slice on the node's disk (design.md "Node": SQLite, WAL, FULL). A database found damaged, at the start or later, is set aside under a new name; the slice is
 * then empty, without incarnation, and the next session brings it anew.
 */
final class SqliteSlice implements SliceStore, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SqliteSlice.class.getName());

    private final Path file;
    private final DiskReserve reserve;
    private final Consumer<String> faults;
    private final ReentrantLock lock = new ReentrantLock();
    private Connection connection;
    /** How often the database was replaced by an empty one since it was opened. */
    private int replaced;

    private boolean closed;

    private SqliteSlice(Path file, DiskReserve reserve, Consumer<String> faults, Connection connection) {
        this.file = file;
        this.reserve = reserve;
        this.faults = faults;
        this.connection = connection;
    }

    /**
     * @param faults hears in words when a database was set aside
     */
    static SqliteSlice open(Path file, Consumer<String> faults) throws SQLException {
        DiskReserve reserve = new DiskReserve(file.resolveSibling("reserve"));
        SliceDatabase.Opened opened = SliceDatabase.open(file);
        opened.setAside().ifPresent(aside -> faults.accept(told(aside)));
        reserve.fill();
        return new SqliteSlice(file, reserve, faults, opened.connection());
    }

    private static String told(Path aside) {
        return "the slice's database was damaged and is set aside as " + aside.getFileName()
                + "; workloads run on, the centre sends the slice again";
    }

    @Override
    public String incarnation() {
        return state("incarnation").orElse("");
    }

    @Override
    public long revision() {
        return state("revision").map(Long::parseLong).orElse(0L);
    }

    private Optional<String> state(String name) {
        return query("SELECT value FROM state WHERE name = ?", row -> row.getString(1), name).stream()
                .findFirst();
    }

    @Override
    public List<Held> held() {
        return query(
                "SELECT resource, namespace, name, uid, revision FROM slice",
                row -> new Held(key(row), row.getString(4), row.getLong(5)));
    }

    /** The objects of a kind; one that cannot be read is left out and told. */
    List<ObjectNode> objects(Kind kind) {
        List<ObjectNode> objects = new ArrayList<>();
        query("SELECT json FROM slice WHERE resource = ?", row -> row.getBytes(1), kind.id())
                .forEach(json -> parse(json).ifPresent(objects::add));
        return objects;
    }

    Optional<ObjectNode> get(ObjectKey key) {
        return query(
                        "SELECT json FROM slice WHERE resource = ? AND namespace = ? AND name = ?",
                        row -> row.getBytes(1),
                        key.resource(),
                        key.namespace(),
                        key.name())
                .stream()
                .findFirst()
                .flatMap(this::parse);
    }

    /** Empty when the node does not hold the object. */
    Optional<String> uid(ObjectKey key) {
        return query(
                        "SELECT uid FROM slice WHERE resource = ? AND namespace = ? AND name = ?",
                        row -> row.getString(1),
                        key.resource(),
                        key.namespace(),
                        key.name())
                .stream()
                .findFirst();
    }

    private Optional<ObjectNode> parse(byte[] json) {
        try {
            return Optional.of(Json.parseObject(json));
        } catch (JsonException e) {
            faults.accept("an object of the slice is no JSON: " + e.getMessage());
            return Optional.empty();
        }
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
        connection.setAutoCommit(false);
        try {
            for (SliceChange.Delete delete : change.deletes()) {
                delete(delete);
            }
            for (SliceChange.Put put : change.puts()) {
                put(put);
            }
            set("incarnation", change.incarnation());
            set("revision", Long.toString(change.revision()));
            connection.commit();
        } catch (SQLException e) {
            rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private void rollback() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "rollback failed", e);
        }
    }

    private void delete(SliceChange.Delete delete) throws SQLException {
        ObjectKey key = delete.key();
        try (PreparedStatement statement = connection.prepareStatement(
                "DELETE FROM slice WHERE resource = ? AND namespace = ? AND name = ? AND (uid = ? OR ? = '')")) {
            bind(statement, key.resource(), key.namespace(), key.name(), delete.uid(), delete.uid());
            statement.executeUpdate();
        }
    }

    private void put(SliceChange.Put put) throws SQLException {
        ObjectKey key = put.key();
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT OR REPLACE INTO slice VALUES (?, ?, ?, ?, ?, ?)")) {
            bind(statement, key.resource(), key.namespace(), key.name(), put.uid());
            statement.setLong(5, put.revision());
            statement.setBytes(6, put.json());
            statement.executeUpdate();
        }
    }

    private void set(String name, String value) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT OR REPLACE INTO state VALUES (?, ?)")) {
            bind(statement, name, value);
            statement.executeUpdate();
        }
    }

    private interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private <T> List<T> query(String sql, Row<T> reader, String... parameters) {
        lock.lock();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            List<T> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(reader.read(result));
                }
            }
            return rows;
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

    private static ObjectKey key(ResultSet row) throws SQLException {
        return new ObjectKey(row.getString(1), row.getString(2), row.getString(3));
    }

    /** A damage that shows up only now: the database is set aside, and the caller learns that this call failed. */
    private IllegalStateException failed(String what, SQLException e) {
        try {
            if (SliceDatabase.isDamage(e) && !connection.isClosed()) {
                replaced++;
                connection.close();
                faults.accept(told(SliceDatabase.setAside(file)));
            }
            if (connection.isClosed() && !closed) {
                connection = SliceDatabase.open(file).connection();
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
