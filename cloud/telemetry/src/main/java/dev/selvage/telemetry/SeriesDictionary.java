package dev.selvage.telemetry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Series by name and by id. Ids are given under a lock, in a transaction of their own, so that the limits are exact and no batch waits for another's
 * commit. What is known is remembered; the memory is cleared when it holds too much.
 */
final class SeriesDictionary {
    private static final int MAX_REMEMBERED = 500_000;
    private static final long LOCK_KEY = 0x73656c76616703L;
    private static final String COLUMNS = "id, namespace, source, key, field, node";

    private final TelemetryConfig config;
    private final Map<Name, Series> known = new ConcurrentHashMap<>();

    record Name(String namespace, String source, String key, String field, String node) {}

    SeriesDictionary(TelemetryConfig config) {
        this.config = config;
    }

    Optional<Series> known(Name name) {
        return Optional.ofNullable(known.get(name));
    }

    /** To be called when the database was away: it may be another one now, in which the ids mean other series. */
    void forget() {
        known.clear();
    }

    /**
     * Finds or makes series. The connection commits.
     *
     * @return by name; a name is absent where a limit forbids it
     */
    Map<Name, Series> resolve(Connection connection, Collection<Name> names) throws SQLException {
        Map<Name, Series> found = new HashMap<>();
        List<Name> missing = new ArrayList<>();
        for (Name name : names) {
            @Nullable Series series = known.get(name);
            if (series == null) {
                missing.add(name);
            } else {
                found.put(name, series);
            }
        }
        if (!missing.isEmpty()) {
            make(connection, missing, found);
        }
        return found;
    }

    private void make(Connection connection, List<Name> missing, Map<Name, Series> found) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
            lock.setLong(1, LOCK_KEY);
            lock.execute();
        }
        Map<String, Integer> inNamespace = new HashMap<>();
        Map<String, Integer> ofNode = new HashMap<>();
        for (Name name : missing) {
            Optional<Series> present = find(connection, name);
            if (present.isEmpty()) {
                int used = inNamespace.computeIfAbsent(name.namespace, n -> count(connection, "namespace", n));
                int usedByNode = ofNode.computeIfAbsent(name.node, n -> count(connection, "node", n));
                if (used >= config.seriesPerNamespace() || usedByNode >= config.seriesPerNode()) {
                    continue;
                }
                inNamespace.put(name.namespace, used + 1);
                ofNode.put(name.node, usedByNode + 1);
                present = Optional.of(insert(connection, name));
            }
            found.put(name, present.get());
        }
        connection.commit();
        if (known.size() > MAX_REMEMBERED) {
            known.clear();
        }
        missing.forEach(name -> Optional.ofNullable(found.get(name)).ifPresent(series -> known.put(name, series)));
    }

    /** How many series the namespace and the node have that have most. */
    record Fullest(int namespace, int node) {}

    Fullest fullest(Connection connection) throws SQLException {
        return new Fullest(most(connection, "namespace"), most(connection, "node"));
    }

    private static int most(Connection connection, String column) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT coalesce(max(n), 0) FROM"
                        + " (SELECT count(*) AS n FROM telemetry_series GROUP BY " + column + ") AS counts");
                ResultSet row = query.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    /** In the order of their names. */
    List<Series> list(Connection connection, SeriesFilter filter, int limit) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT " + COLUMNS + " FROM telemetry_series WHERE true");
        List<String> values = new ArrayList<>();
        and(sql, values, "namespace", filter.namespace());
        and(sql, values, "source", filter.source());
        and(sql, values, "key", filter.key());
        and(sql, values, "field", filter.field());
        and(sql, values, "node", filter.node());
        sql.append(" ORDER BY namespace, source, key, field, node LIMIT ").append(limit);
        try (PreparedStatement query = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < values.size(); i++) {
                query.setString(i + 1, values.get(i));
            }
            return series(query);
        }
    }

    List<Series> byId(Connection connection, Collection<Long> ids) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT " + COLUMNS + " FROM telemetry_series WHERE id = ANY (?)")) {
            query.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            return series(query);
        }
    }

    private static void and(StringBuilder sql, List<String> values, String column, @Nullable String value) {
        if (value != null) {
            sql.append(" AND ").append(column).append(" = ?");
            values.add(value);
        }
    }

    private static Optional<Series> find(Connection connection, Name name) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT " + COLUMNS
                + " FROM telemetry_series WHERE namespace = ? AND source = ? AND key = ? AND field = ? AND node = ?")) {
            set(query, name);
            return series(query).stream().findFirst();
        }
    }

    private static Series insert(Connection connection, Name name) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO telemetry_series (namespace, source, key, field, node) VALUES (?, ?, ?, ?, ?)"
                        + " RETURNING " + COLUMNS)) {
            set(insert, name);
            return series(insert).getFirst();
        }
    }

    private static int count(Connection connection, String column, String value) {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT count(*) FROM telemetry_series WHERE " + column + " = ?")) {
            query.setString(1, value);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        } catch (SQLException e) {
            throw new TelemetryException("counting series", e);
        }
    }

    private static void set(PreparedStatement statement, Name name) throws SQLException {
        statement.setString(1, name.namespace);
        statement.setString(2, name.source);
        statement.setString(3, name.key);
        statement.setString(4, name.field);
        statement.setString(5, name.node);
    }

    private static List<Series> series(PreparedStatement query) throws SQLException {
        List<Series> found = new ArrayList<>();
        try (ResultSet row = query.executeQuery()) {
            while (row.next()) {
                found.add(new Series(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6)));
            }
        }
        return found;
    }
}
