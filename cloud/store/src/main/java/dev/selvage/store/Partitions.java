package dev.selvage.store;

import dev.selvage.model.Metrics;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The change log's partitions: makes them ahead of the counter, and compacts by dropping those that are full and old, or too many. An object's content
 * lies in the change that wrote it last, so before a partition goes, the objects that still need it take their content with them. One process at a
 * time does it, under an advisory lock.
 */
final class Partitions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);
    /** "selvage" and a number: advisory locks are shared by all who use the database. */
    private static final long LOCK_KEY = 0x73656c76616701L;

    private static final Pattern NAME = Pattern.compile("change_(\\d+)_(\\d+)");
    private static final Duration PERIOD = Duration.ofSeconds(15);
    private static final int AHEAD = 3;
    /** Revisions whose objects are carried at once: writers wait meanwhile. */
    private static final int CARRIED = 100;

    private final Database database;
    private final StoreConfig config;
    private final Thread thread;
    private volatile int full;

    /** Revisions from {@code from}, inclusive, to {@code to}, exclusive. */
    private record Partition(long from, long to) {
        String name() {
            return "change_" + from + "_" + to;
        }
    }

    Partitions(Database database, StoreConfig config) {
        this.database = database;
        this.config = config;
        this.thread = Thread.ofVirtual().name("store-partitions").unstarted(this::run);
    }

    void start() {
        ensure();
        thread.start();
    }

    /** Makes partitions for the revisions to come. */
    void ensure() {
        database.call("making partitions", connection -> {
            connection.setAutoCommit(false);
            lock(connection);
            long revision = ChangeLog.counter(connection).revision();
            // the first begins where the log does, which for a restored store is not at 1
            long covered =
                    existing(connection).stream().mapToLong(Partition::to).max().orElse(revision);
            long wanted = revision + AHEAD * config.partitionRevisions();
            while (covered < wanted) {
                Partition next = new Partition(covered, covered + config.partitionRevisions());
                attach(connection, next);
                covered = next.to();
            }
            connection.commit();
            return covered;
        });
    }

    /** Drops what is compacted, after the objects whose content lies there have taken it; returns how many partitions went. */
    int compact() {
        for (Partition partition : database.call("compacting", this::due)) {
            for (long from = partition.from(); from < partition.to(); from += CARRIED) {
                carry(partition, from);
            }
        }
        return database.call("compacting", connection -> {
            connection.setAutoCommit(false);
            lock(connection);
            List<Partition> dropped = new ArrayList<>();
            List<Partition> due = due(connection);
            int before = full;
            for (Partition partition : due) {
                if (holdsContent(connection, partition)) {
                    break; // it came due after we carried: the next turn takes it
                }
                execute(connection, "DROP TABLE " + partition.name());
                dropped.add(partition);
            }
            if (!dropped.isEmpty()) {
                // the counter row after the lock on the log, as in every commit
                execute(
                        connection,
                        "UPDATE counter SET compacted = " + (dropped.getLast().to() - 1));
            }
            connection.commit();
            full = before - dropped.size();
            return dropped.size();
        });
    }

    /** Beyond the limit the oldest go, whatever their age. */
    void measure(Metrics into) {
        into.limit("store_change_partitions", full, config.maxPartitions());
    }

    private List<Partition> due(Connection connection) throws SQLException {
        long revision = ChangeLog.counter(connection).revision();
        List<Partition> filled = existing(connection).stream()
                .filter(partition -> partition.to() <= revision)
                .toList();
        full = filled.size();
        List<Partition> due = new ArrayList<>();
        for (Partition partition : filled) {
            if (filled.size() - due.size() <= config.maxPartitions() && !old(connection, partition)) {
                break;
            }
            due.add(partition);
        }
        return due;
    }

    /** Copies the content of a few objects from the log to themselves; under the counter's row, as every write of objects. */
    private void carry(Partition partition, long from) {
        database.call("compacting", connection -> {
            connection.setAutoCommit(false);
            lock(connection);
            if (existing(connection).contains(partition)) {
                execute(connection, "LOCK TABLE ONLY change IN ROW EXCLUSIVE MODE");
                execute(connection, "SELECT FROM counter FOR UPDATE");
                execute(
                        connection,
                        "UPDATE object o SET json = c.json FROM " + partition.name() + " c WHERE c.revision >= " + from
                                + " AND c.revision < " + (from + CARRIED) + " AND c.op <> 'D' AND o.json IS NULL"
                                + " AND o.resource = c.resource AND o.namespace = c.namespace AND o.name = c.name"
                                + " AND o.revision = c.revision");
            }
            connection.commit();
            return true;
        });
    }

    /** Whether an object still finds its content there or before; once none does, none ever will: writes take new revisions. */
    private static boolean holdsContent(Connection connection, Partition partition) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT EXISTS (SELECT FROM object WHERE json IS NULL AND revision < "
                                + partition.to() + ")")) {
            return row.next() && row.getBoolean(1);
        }
    }

    @Override
    public void close() {
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            try {
                Thread.sleep(PERIOD);
                ensure();
                int dropped = compact();
                if (dropped > 0) {
                    LOG.info("compacted the change log: {} partitions dropped", dropped);
                }
            } catch (InterruptedException e) {
                return; // closing
            } catch (RuntimeException e) {
                LOG.warn(
                        "the change log's partitions cannot be kept now, the next try is in {}: {}",
                        PERIOD,
                        e.getMessage());
            }
        }
    }

    private static void lock(Connection connection) throws SQLException {
        execute(connection, "SET LOCAL lock_timeout = '2s'");
        execute(connection, "SELECT pg_advisory_xact_lock(" + LOCK_KEY + ")");
    }

    private static List<Partition> existing(Connection connection) throws SQLException {
        List<Partition> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'change'::regclass")) {
            while (row.next()) {
                Matcher name = NAME.matcher(row.getString(1));
                if (name.matches()) {
                    found.add(new Partition(Long.parseLong(name.group(1)), Long.parseLong(name.group(2))));
                }
            }
        }
        found.sort(java.util.Comparator.comparingLong(Partition::from));
        return found;
    }

    /**
     * Attaching takes a weaker lock than creating in place: writers go on. A row stays whole, and what fits a page is not compressed: that and storing it
     * out of line would cost more than half of a write.
     */
    private static void attach(Connection connection, Partition partition) throws SQLException {
        execute(
                connection,
                "CREATE TABLE " + partition.name() + " (LIKE change INCLUDING ALL) WITH (toast_tuple_target = 8160)");
        execute(
                connection,
                "ALTER TABLE change ATTACH PARTITION " + partition.name() + " FOR VALUES FROM (" + partition.from()
                        + ") TO (" + partition.to() + ")");
    }

    private boolean old(Connection connection, Partition partition) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT coalesce(max(at), '-infinity')"
                + " < clock_timestamp() - ? * interval '1 millisecond' FROM " + partition.name())) {
            query.setLong(1, config.keepChanges().toMillis());
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
