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
 * The change log's partitions: makes them ahead of the counter, and compacts by dropping those that are full and old, or too many. One process at a
 * time does it, under an advisory lock.
 */
final class Partitions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);
    /** "selvage" and a number: advisory locks are shared by all who use the database. */
    private static final long LOCK_KEY = 0x73656c76616701L;

    private static final Pattern NAME = Pattern.compile("change_(\\d+)_(\\d+)");
    private static final Duration PERIOD = Duration.ofSeconds(15);
    private static final int AHEAD = 3;

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

    /** Drops what is compacted; returns how many partitions went. */
    int compact() {
        return database.call("compacting", connection -> {
            connection.setAutoCommit(false);
            lock(connection);
            long revision = ChangeLog.counter(connection).revision();
            List<Partition> filled = existing(connection).stream()
                    .filter(partition -> partition.to() <= revision)
                    .toList();
            List<Partition> dropped = new ArrayList<>();
            for (Partition partition : filled) {
                if (filled.size() - dropped.size() <= config.maxPartitions() && !old(connection, partition)) {
                    break;
                }
                execute(connection, "DROP TABLE " + partition.name());
                dropped.add(partition);
            }
            if (!dropped.isEmpty()) {
                // the counter row last, as in every commit: a writer that holds it never waits for us
                execute(
                        connection,
                        "UPDATE counter SET compacted = " + (dropped.getLast().to() - 1));
            }
            connection.commit();
            full = filled.size() - dropped.size();
            return dropped.size();
        });
    }

    /** Beyond the limit the oldest go, whatever their age. */
    void measure(Metrics into) {
        into.limit("store_change_partitions", full, config.maxPartitions());
    }

    @Override
    public void close() {
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

    /** Attaching takes a weaker lock than creating in place: writers go on. */
    private static void attach(Connection connection, Partition partition) throws SQLException {
        execute(connection, "CREATE TABLE " + partition.name() + " (LIKE change INCLUDING ALL)");
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
