package dev.selvage.telemetry;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One batch of a lane: its points, what is set aside, and the cursor, in one transaction. */
final class Ingest {
    private static final int MAX_SHOWN = 500;
    private static final int MAX_SET_ASIDE = 100;

    private final SeriesDictionary dictionary;
    private final TelemetryConfig config;
    private final String process;

    record Batch(String node, String lane, long epoch, long first, List<? extends LaneRecord> records) {}

    /** @param points new ones, by series */
    record Result(Ingested ingested, Map<Series, List<Raw>> points, Map<String, Long> refused) {}

    private record Refusal(long sequence, String reason, LaneRecord record) {}

    /** @param process names this process to those who are told of the batch */
    Ingest(SeriesDictionary dictionary, TelemetryConfig config, String process) {
        this.dictionary = dictionary;
        this.config = config;
        this.process = process;
    }

    Result run(Connection connection, Batch batch) throws SQLException {
        connection.setAutoCommit(false);
        Map<SeriesDictionary.Name, Series> series = dictionary.resolve(connection, names(batch));
        Cursor before = lock(connection, batch);
        long next = batch.first + batch.records.size();
        if (batch.epoch < before.epoch() || (batch.epoch == before.epoch() && next <= before.nextSequence())) {
            connection.commit();
            return new Result(new Ingested(before, 0, batch.records.size(), 0, 0), Map.of(), Map.of());
        }
        boolean sameEpoch = batch.epoch == before.epoch();
        int skip = sameEpoch ? (int) Math.max(0, before.nextSequence() - batch.first) : 0;
        long missing = sameEpoch ? Math.max(0, batch.first - before.nextSequence()) : 0;

        Map<Series, List<Raw>> points = new HashMap<>();
        List<Refusal> refusals = new ArrayList<>();
        long now = System.currentTimeMillis();
        for (int i = skip; i < batch.records.size(); i++) {
            LaneRecord record = batch.records.get(i);
            Optional<String> fault = SampleCheck.fault(record, now, config.retention(), config.maxFuture());
            if (fault.isEmpty() && record instanceof Sample sample) {
                fault = take(batch.node, sample, series, points);
            }
            if (fault.isPresent()) {
                refusals.add(new Refusal(batch.first + i, fault.get(), record));
            }
        }
        store(connection, points);
        setAside(connection, batch, refusals);
        Cursor after = new Cursor(batch.epoch, next);
        move(connection, batch, after);
        connection.commit();
        int fresh = batch.records.size() - skip;
        return new Result(
                new Ingested(after, fresh - refusals.size(), skip, refusals.size(), missing), points, count(refusals));
    }

    private Set<SeriesDictionary.Name> names(Batch batch) {
        Set<SeriesDictionary.Name> names = new LinkedHashSet<>();
        long now = System.currentTimeMillis();
        for (LaneRecord record : batch.records) {
            if (record instanceof Sample sample
                    && SampleCheck.fault(sample, now, config.retention(), config.maxFuture())
                            .isEmpty()) {
                sample.values().keySet().forEach(field -> names.add(name(batch.node, sample, field)));
            }
        }
        return names;
    }

    /** All fields of a sample, or none. */
    private static Optional<String> take(
            String node, Sample sample, Map<SeriesDictionary.Name, Series> known, Map<Series, List<Raw>> points) {
        Map<Series, Raw> fields = new HashMap<>();
        for (Map.Entry<String, Double> field : sample.values().entrySet()) {
            @Nullable Series series = known.get(name(node, sample, field.getKey()));
            if (series == null) {
                return Optional.of("too many series");
            }
            fields.put(series, new Raw(sample.startMillis(), sample.endMillis(), field.getValue(), sample.partial()));
        }
        fields.forEach((series, raw) ->
                points.computeIfAbsent(series, _ -> new ArrayList<>()).add(raw));
        return Optional.empty();
    }

    private static SeriesDictionary.Name name(String node, Sample sample, String field) {
        return new SeriesDictionary.Name(sample.namespace(), sample.source(), sample.key(), field, node);
    }

    private static Cursor lock(Connection connection, Batch batch) throws SQLException {
        Optional<Cursor> present = cursor(connection, batch.node, batch.lane, " FOR UPDATE");
        if (present.isPresent()) {
            return present.get();
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO telemetry_lane (node, lane, epoch, next_sequence) VALUES (?, ?, ?, ?)"
                        + " ON CONFLICT DO NOTHING")) {
            insert.setString(1, batch.node);
            insert.setString(2, batch.lane);
            // nothing of this epoch is stored, and what the node dropped before it ever came here is not missing
            insert.setLong(3, batch.epoch);
            insert.setLong(4, batch.first);
            insert.executeUpdate();
        }
        return cursor(connection, batch.node, batch.lane, " FOR UPDATE").orElse(Cursor.NONE);
    }

    static Optional<Cursor> cursor(Connection connection, String node, String lane, String locking)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT epoch, next_sequence FROM telemetry_lane WHERE node = ? AND lane = ?" + locking)) {
            query.setString(1, node);
            query.setString(2, lane);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? Optional.of(new Cursor(row.getLong(1), row.getLong(2))) : Optional.empty();
            }
        }
    }

    private static void move(Connection connection, Batch batch, Cursor to) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE telemetry_lane SET epoch = ?, next_sequence = ? WHERE node = ? AND lane = ?")) {
            update.setLong(1, to.epoch());
            update.setLong(2, to.nextSequence());
            update.setString(3, batch.node);
            update.setString(4, batch.lane);
            update.executeUpdate();
        }
    }

    private void store(Connection connection, Map<Series, List<Raw>> points) throws SQLException {
        if (points.isEmpty()) {
            return;
        }
        Map<Long, List<Raw>> byId = new HashMap<>();
        points.forEach((series, raw) -> byId.put(series.id(), raw));
        Block block = Block.of(byId);
        try (PreparedStatement insert = connection.prepareStatement(
                "WITH b AS (INSERT INTO telemetry_block (first_at, last_at, series, data) VALUES (?, ?, ?, ?)"
                        + " RETURNING id) SELECT pg_notify('selvage_telemetry', ? || ' ' || id) FROM b")) {
            insert.setLong(1, block.firstAt());
            insert.setLong(2, block.lastAt());
            insert.setArray(3, connection.createArrayOf("bigint", block.series()));
            insert.setBytes(4, block.encode());
            insert.setString(5, process);
            insert.execute();
        }
    }

    private static void setAside(Connection connection, Batch batch, List<Refusal> refusals) throws SQLException {
        if (refusals.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO telemetry_refused (node, lane, epoch, sequence, reason, record) VALUES (?, ?, ?, ?, ?, ?)")) {
            for (Refusal refusal : refusals.subList(0, Math.min(refusals.size(), MAX_SET_ASIDE))) {
                insert.setString(1, batch.node);
                insert.setString(2, batch.lane);
                insert.setLong(3, batch.epoch);
                insert.setLong(4, refusal.sequence);
                insert.setString(5, refusal.reason);
                insert.setString(6, shown(refusal.record));
                insert.addBatch();
            }
            insert.executeBatch();
        }
        try (PreparedStatement upsert =
                connection.prepareStatement("INSERT INTO telemetry_refusals AS r (node, reason, count) VALUES (?, ?, ?)"
                        + " ON CONFLICT (node, reason) DO UPDATE SET count = r.count + excluded.count")) {
            for (Map.Entry<String, Long> reason : new java.util.TreeMap<>(count(refusals)).entrySet()) {
                upsert.setString(1, batch.node);
                upsert.setString(2, reason.getKey());
                upsert.setLong(3, reason.getValue());
                upsert.addBatch();
            }
            upsert.executeBatch();
        }
    }

    private static Map<String, Long> count(List<Refusal> refusals) {
        Map<String, Long> counts = new HashMap<>();
        refusals.forEach(refusal -> counts.merge(refusal.reason, 1L, Long::sum));
        return counts;
    }

    /** What PostgreSQL takes as text, whatever came. */
    private static String shown(LaneRecord record) {
        String text = switch (record) {
            case Sample sample -> sample.toString();
            case Unreadable unreadable ->
                unreadable.reason() + ": " + new String(unreadable.raw(), StandardCharsets.ISO_8859_1);
        };
        StringBuilder shown = new StringBuilder();
        text.chars().limit(MAX_SHOWN).forEach(c -> shown.append(c < ' ' || c > 0xff ? '.' : (char) c));
        return shown.toString();
    }
}
