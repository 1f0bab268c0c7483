package dev.selvage.telemetry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settles blocks into chunks: many small batches of all series become few pieces of one. A batch is so written twice, and the last part of a chunk once
 * a run; parts are bounded, so a run rewrites at most that much per series. Also drops what is past the retention. One process at a time.
 */
final class Compactor {
    static final int PART_POINTS = 4096;
    private static final int BLOCKS_PER_RUN = 500;
    /** A run ends with the block that goes beyond: it holds them all in memory. */
    private static final int POINTS_PER_RUN = 500_000;

    private static final long LOCK_KEY = 0x73656c76616704L;

    private final TelemetryConfig config;

    private record Slot(long series, long bucket) implements Comparable<Slot> {
        @Override
        public int compareTo(Slot other) {
            int order = Long.compare(series, other.series);
            return order != 0 ? order : Long.compare(bucket, other.bucket);
        }
    }

    private record Part(int number, List<Raw> points) {}

    Compactor(TelemetryConfig config) {
        this.config = config;
    }

    /**
     * One run.
     *
     * @param minAge blocks younger than this stay, so that other processes can still read them for their live feeds
     * @return blocks settled; when it is the limit there are more
     */
    int settle(Connection connection, Duration minAge) throws SQLException {
        connection.setAutoCommit(false);
        if (!lock(connection)) {
            connection.commit();
            return 0;
        }
        TreeMap<Slot, List<Raw>> slots = new TreeMap<>();
        List<Long> blocks = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT id, data FROM telemetry_block"
                + " WHERE stored <= clock_timestamp() - ? * interval '1 millisecond' ORDER BY id LIMIT ?")) {
            query.setLong(1, minAge.toMillis());
            query.setInt(2, BLOCKS_PER_RUN);
            query.setFetchSize(20);
            long held = 0;
            try (ResultSet row = query.executeQuery()) {
                while (held < POINTS_PER_RUN && row.next()) {
                    blocks.add(row.getLong(1));
                    Block block = Block.decode(row.getBytes(2));
                    held += block.points().values().stream()
                            .mapToLong(List::size)
                            .sum();
                    spread(block, slots);
                }
            }
        }
        for (Map.Entry<Slot, List<Raw>> slot : slots.entrySet()) {
            merge(connection, slot.getKey(), slot.getValue());
        }
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM telemetry_block WHERE id = ANY (?)")) {
            delete.setArray(1, connection.createArrayOf("bigint", blocks.toArray()));
            delete.executeUpdate();
        }
        connection.commit();
        return blocks.size();
    }

    /** Drops chunks and blocks that ended before, and all but the latest records set aside; returns how many pieces went. */
    int drop(Connection connection, long beforeMillis) throws SQLException {
        connection.setAutoCommit(true);
        int dropped = 0;
        for (String table : List.of("telemetry_chunk", "telemetry_block")) {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM " + table + " WHERE last_at < ?")) {
                delete.setLong(1, beforeMillis);
                dropped += delete.executeUpdate();
            }
        }
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM telemetry_refused WHERE id <= (SELECT max(id) - 10000 FROM telemetry_refused)")) {
            delete.executeUpdate();
        }
        return dropped;
    }

    private void spread(Block block, Map<Slot, List<Raw>> slots) {
        long span = config.chunkSpan().toMillis();
        block.points()
                .forEach((series, points) -> points.forEach(point -> slots.computeIfAbsent(
                                new Slot(series, Math.floorDiv(point.at(), span)), _ -> new ArrayList<>())
                        .add(point)));
    }

    private static void merge(Connection connection, Slot slot, List<Raw> added) throws SQLException {
        Part last = lastPart(connection, slot);
        List<Raw> all = new ArrayList<>(last.points);
        all.addAll(added);
        List<Raw> merged = Raw.distinct(all);
        int number = last.number;
        for (int from = 0; from < merged.size(); from += PART_POINTS) {
            write(connection, slot, number++, merged.subList(from, Math.min(merged.size(), from + PART_POINTS)));
        }
    }

    /** The part that is still filled: the last one, or a new one after it. */
    private static Part lastPart(Connection connection, Slot slot) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT part, points, data FROM telemetry_chunk"
                + " WHERE series = ? AND bucket = ? ORDER BY part DESC LIMIT 1")) {
            query.setLong(1, slot.series);
            query.setLong(2, slot.bucket);
            try (ResultSet row = query.executeQuery()) {
                if (!row.next()) {
                    return new Part(0, List.of());
                }
                return row.getInt(2) >= PART_POINTS
                        ? new Part(row.getInt(1) + 1, List.of())
                        : new Part(row.getInt(1), PointCodec.read(ByteSink.unpack(row.getBytes(3))));
            }
        }
    }

    private static void write(Connection connection, Slot slot, int part, List<Raw> points) throws SQLException {
        ByteSink sink = new ByteSink();
        PointCodec.write(points, sink);
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO telemetry_chunk"
                + " (series, bucket, part, points, first_at, last_at, data) VALUES (?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (series, bucket, part) DO UPDATE SET points = excluded.points,"
                + " first_at = excluded.first_at, last_at = excluded.last_at, data = excluded.data")) {
            upsert.setLong(1, slot.series);
            upsert.setLong(2, slot.bucket);
            upsert.setInt(3, part);
            upsert.setInt(4, points.size());
            upsert.setLong(5, points.stream().mapToLong(Raw::at).min().orElse(0));
            upsert.setLong(6, points.stream().mapToLong(Raw::at).max().orElse(0));
            upsert.setBytes(7, sink.packed());
            upsert.executeUpdate();
        }
    }

    private static boolean lock(Connection connection) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("SELECT pg_try_advisory_xact_lock(?)")) {
            lock.setLong(1, LOCK_KEY);
            try (ResultSet row = lock.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
