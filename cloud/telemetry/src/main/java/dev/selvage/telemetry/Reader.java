package dev.selvage.telemetry;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Points of series out of chunks and of blocks that are not settled yet; both in one snapshot, so that no point is seen twice or not at all. */
final class Reader {
    /** Points that one question may look at. */
    static final long MAX_SCANNED = 20_000_000;

    private static final int SERIES_AT_ONCE = 200;
    private static final int MAX_SERIES = 10_000;

    /** Points that one question holds at once; about 100 bytes each. */
    private static final int MAX_HELD = 500_000;
    /** A shorter time is not divided further. */
    private static final Duration SHORTEST = Duration.ofMinutes(10);

    private final SeriesDictionary dictionary;
    private final int maxHeld;

    private static final class Budget {
        private long left = MAX_SCANNED;

        void spend(int points) {
            left -= points;
            if (left < 0) {
                throw new IllegalArgumentException("range: more than " + MAX_SCANNED
                        + " points would have to be read; narrow the time or the series");
            }
        }
    }

    Reader(SeriesDictionary dictionary) {
        this(dictionary, MAX_HELD);
    }

    Reader(SeriesDictionary dictionary, int maxHeld) {
        this.dictionary = dictionary;
        this.maxHeld = maxHeld;
    }

    RangeResult range(Connection connection, RangeQuery query) throws SQLException {
        begin(connection);
        Budget budget = new Budget();
        List<Point> answer = new ArrayList<>();
        List<Series> all = dictionary.list(connection, query.filter(), MAX_SERIES + 1);
        boolean truncated = all.size() > MAX_SERIES;
        List<Series> series = truncated ? all.subList(0, MAX_SERIES) : all;
        for (int from = 0; from < series.size(); from += SERIES_AT_ONCE) {
            List<Series> some = series.subList(from, Math.min(series.size(), from + SERIES_AT_ONCE));
            if (!collect(connection, new Part(some, query.fromMillis(), query.toMillis()), query, budget, answer)) {
                truncated = true;
                break;
            }
        }
        connection.commit();
        return new RangeResult(answer, truncated);
    }

    /** Part of a question: some series over some time. */
    private record Part(List<Series> series, long from, long to) {
        /** In the order of the answer: series first, then time, at a step's border. Itself where it is small enough. */
        List<Part> halves(@Nullable Duration step) {
            if (series.size() > 1) {
                int half = series.size() / 2;
                return List.of(
                        new Part(series.subList(0, half), from, to),
                        new Part(series.subList(half, series.size()), from, to));
            }
            long middle = from + (to - from) / 2;
            long border = step == null ? middle : Math.floorDiv(middle, step.toMillis()) * step.toMillis();
            return to - from < SHORTEST.toMillis() || border <= from
                    ? List.of(this)
                    : List.of(new Part(series, from, border), new Part(series, border, to));
        }
    }

    /** Answers in pieces, so that no question holds more than {@link #maxHeld} points at once; false when the limit is reached. */
    private boolean collect(Connection connection, Part part, RangeQuery query, Budget budget, List<Point> answer)
            throws SQLException {
        List<Part> halves = weight(connection, part) > maxHeld ? part.halves(query.step()) : List.of(part);
        if (halves.size() > 1) {
            return collect(connection, halves.getFirst(), query, budget, answer)
                    && collect(connection, halves.getLast(), query, budget, answer);
        }
        Map<Long, List<Raw>> points = points(connection, part.series, part.from, part.to, budget);
        for (Series one : part.series) {
            for (Point point : Downsampler.apply(one, points.getOrDefault(one.id(), List.of()), query)) {
                if (answer.size() == query.limit()) {
                    return false;
                }
                answer.add(point);
            }
        }
        return true;
    }

    /** Points in the chunks that would have to be read. */
    private static long weight(Connection connection, Part part) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT coalesce(sum(points), 0) FROM telemetry_chunk"
                        + " WHERE series = ANY (?) AND last_at >= ? AND first_at < ?")) {
            query.setArray(1, ids(connection, part.series));
            query.setLong(2, part.from);
            query.setLong(3, part.to);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    List<Point> latest(Connection connection, SeriesFilter filter, int limit) throws SQLException {
        begin(connection);
        List<Point> answer = new ArrayList<>();
        List<Series> series = dictionary.list(connection, filter, limit);
        for (int from = 0; from < series.size(); from += SERIES_AT_ONCE) {
            List<Series> some = series.subList(from, Math.min(series.size(), from + SERIES_AT_ONCE));
            Map<Long, List<Raw>> points = new HashMap<>();
            lastChunks(connection, some, points);
            blocks(connection, some, Long.MIN_VALUE, Long.MAX_VALUE, points, new Budget());
            for (Series one : some) {
                last(points.getOrDefault(one.id(), List.of())).ifPresent(raw -> answer.add(raw.of(one)));
            }
        }
        connection.commit();
        return answer;
    }

    private static Optional<Raw> last(List<Raw> points) {
        return points.isEmpty()
                ? Optional.empty()
                : Optional.of(Raw.distinct(points).getLast());
    }

    private static void begin(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    }

    private static Map<Long, List<Raw>> points(
            Connection connection, List<Series> series, long from, long to, Budget budget) throws SQLException {
        Map<Long, List<Raw>> points = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement("SELECT series, data FROM telemetry_chunk"
                + " WHERE series = ANY (?) AND last_at >= ? AND first_at < ? ORDER BY series, bucket, part")) {
            query.setArray(1, ids(connection, series));
            query.setLong(2, from);
            query.setLong(3, to);
            query.setFetchSize(100);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    add(points, row.getLong(1), PointCodec.read(ByteSink.unpack(row.getBytes(2))), from, to, budget);
                }
            }
        }
        blocks(connection, series, from, to, points, budget);
        points.replaceAll((_, raw) -> Raw.distinct(raw));
        return points;
    }

    private static void blocks(
            Connection connection, List<Series> series, long from, long to, Map<Long, List<Raw>> points, Budget budget)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT data FROM telemetry_block"
                + " WHERE series && ? AND last_at >= ? AND first_at < ? ORDER BY id")) {
            query.setArray(1, ids(connection, series));
            query.setLong(2, from);
            query.setLong(3, to);
            query.setFetchSize(100);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    Map<Long, List<Raw>> block = Block.decode(row.getBytes(1)).points();
                    for (Series one : series) {
                        add(points, one.id(), block.getOrDefault(one.id(), List.of()), from, to, budget);
                    }
                }
            }
        }
    }

    private static void lastChunks(Connection connection, List<Series> series, Map<Long, List<Raw>> points)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT w.id, c.data FROM unnest(?::bigint[]) AS w (id) CROSS JOIN LATERAL (SELECT data FROM telemetry_chunk"
                        + " WHERE series = w.id AND bucket = (SELECT max(bucket) FROM telemetry_chunk WHERE series = w.id)"
                        + " ORDER BY last_at DESC LIMIT 1) AS c")) {
            query.setArray(1, ids(connection, series));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    points.computeIfAbsent(row.getLong(1), _ -> new ArrayList<>())
                            .addAll(PointCodec.read(ByteSink.unpack(row.getBytes(2))));
                }
            }
        }
    }

    private static void add(
            Map<Long, List<Raw>> points, long series, List<Raw> read, long from, long to, Budget budget) {
        budget.spend(read.size());
        for (Raw raw : read) {
            if (raw.at() >= from && raw.at() < to) {
                points.computeIfAbsent(series, _ -> new ArrayList<>()).add(raw);
            }
        }
    }

    private static java.sql.Array ids(Connection connection, List<Series> series) throws SQLException {
        return connection.createArrayOf(
                "bigint", series.stream().map(Series::id).toArray());
    }
}
