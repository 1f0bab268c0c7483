package dev.selvage.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@link Leases} in the table {@code node_session}. Batches touch rows in the order of their names, so that several hubs never wait in a circle. */
final class NodeSessions implements Leases {
    private static final int BATCH = 1000;

    private final Database database;

    NodeSessions(Database database) {
        this.database = database;
    }

    @Override
    public long open(String node, String hub) {
        return database.call("opening a session of " + node, connection -> {
            try (PreparedStatement upsert = connection.prepareStatement(
                    "INSERT INTO node_session AS s (node, at, epoch, hub) VALUES (?, clock_timestamp(), 1, ?)"
                            + " ON CONFLICT (node) DO UPDATE SET at = clock_timestamp(), epoch = s.epoch + 1,"
                            + " hub = excluded.hub RETURNING epoch")) {
                upsert.setString(1, node);
                upsert.setString(2, hub);
                return number(upsert);
            }
        });
    }

    @Override
    public boolean compareAndOpen(String node, String hub, long expected, long next) {
        if (next <= expected) {
            throw new IllegalArgumentException("epoch: found " + next + ", accepted is more than " + expected);
        }
        return database.call("opening a session of " + node, connection -> {
            String sql = expected == 0
                    ? "INSERT INTO node_session (epoch, hub, node, at) VALUES (?, ?, ?, clock_timestamp())"
                            + " ON CONFLICT (node) DO UPDATE SET at = excluded.at, epoch = excluded.epoch,"
                            + " hub = excluded.hub WHERE node_session.epoch = ?"
                    : "UPDATE node_session SET epoch = ?, hub = ?, at = clock_timestamp() WHERE node = ? AND epoch = ?";
            try (PreparedStatement swap = connection.prepareStatement(sql)) {
                swap.setLong(1, next);
                swap.setString(2, hub);
                swap.setString(3, node);
                swap.setLong(4, expected);
                return swap.executeUpdate() == 1;
            }
        });
    }

    @Override
    public long epoch(String node) {
        return database.call("reading the epoch of " + node, connection -> {
            try (PreparedStatement query =
                    connection.prepareStatement("SELECT coalesce(max(epoch), 0) FROM node_session WHERE node = ?")) {
                query.setString(1, node);
                return number(query);
            }
        });
    }

    @Override
    public void renew(Collection<String> nodes) {
        for (List<String> batch : batches(nodes)) {
            database.call("renewing leases", connection -> {
                try (PreparedStatement upsert = connection.prepareStatement(
                        "INSERT INTO node_session (node, at, epoch, hub) SELECT n, clock_timestamp(), 0, ''"
                                + " FROM unnest(?::text[]) AS n ORDER BY n"
                                + " ON CONFLICT (node) DO UPDATE SET at = excluded.at")) {
                    upsert.setArray(1, connection.createArrayOf("text", batch.toArray()));
                    return upsert.executeUpdate();
                }
            });
        }
    }

    @Override
    public Set<String> renew(Map<String, Long> epochs) {
        Set<String> outdated = new HashSet<>(epochs.keySet());
        for (List<String> batch : batches(epochs.keySet())) {
            outdated.removeAll(database.call("renewing leases", connection -> renewed(connection, batch, epochs)));
        }
        return outdated;
    }

    private static Set<String> renewed(Connection connection, List<String> batch, Map<String, Long> epochs)
            throws SQLException {
        Set<String> renewed = new HashSet<>();
        try (PreparedStatement update =
                connection.prepareStatement("WITH mine AS MATERIALIZED (SELECT s.node FROM node_session s"
                        + " JOIN unnest(?::text[], ?::bigint[]) AS w (node, epoch) ON s.node = w.node AND s.epoch = w.epoch"
                        + " ORDER BY s.node FOR UPDATE OF s)"
                        + " UPDATE node_session s SET at = clock_timestamp() FROM mine WHERE s.node = mine.node"
                        + " RETURNING s.node")) {
            update.setArray(1, connection.createArrayOf("text", batch.toArray()));
            update.setArray(
                    2,
                    connection.createArrayOf(
                            "bigint", batch.stream().map(epochs::get).toArray()));
            try (ResultSet row = update.executeQuery()) {
                while (row.next()) {
                    renewed.add(row.getString(1));
                }
            }
        }
        return renewed;
    }

    @Override
    public Map<String, Duration> ages() {
        return database.call("reading leases", connection -> {
            Map<String, Duration> ages = new HashMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT node,"
                            + " (extract(epoch FROM clock_timestamp() - at) * 1000)::bigint FROM node_session")) {
                while (row.next()) {
                    ages.put(row.getString(1), Duration.ofMillis(Math.max(0, row.getLong(2))));
                }
            }
            return ages;
        });
    }

    @Override
    public Optional<Duration> age(String node) {
        return database.call("reading the lease of " + node, connection -> {
            try (PreparedStatement query = connection.prepareStatement(
                    "SELECT (extract(epoch FROM clock_timestamp() - at) * 1000)::bigint FROM node_session WHERE node = ?")) {
                query.setString(1, node);
                try (ResultSet row = query.executeQuery()) {
                    return row.next() ? Optional.of(Duration.ofMillis(Math.max(0, row.getLong(1)))) : Optional.empty();
                }
            }
        });
    }

    @Override
    public void remove(Collection<String> nodes) {
        for (List<String> batch : batches(nodes)) {
            database.call("removing leases", connection -> {
                try (PreparedStatement delete =
                        connection.prepareStatement("DELETE FROM node_session WHERE node = ANY (?)")) {
                    delete.setArray(1, connection.createArrayOf("text", batch.toArray()));
                    return delete.executeUpdate();
                }
            });
        }
    }

    private static long number(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private static List<List<String>> batches(Collection<String> nodes) {
        List<String> sorted = nodes.stream().distinct().sorted().toList();
        List<List<String>> batches = new java.util.ArrayList<>();
        for (int i = 0; i < sorted.size(); i += BATCH) {
            batches.add(sorted.subList(i, Math.min(sorted.size(), i + BATCH)));
        }
        return batches;
    }
}
