package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Durations;
import dev.selvage.model.Json;
import dev.selvage.telemetry.Aggregate;
import dev.selvage.telemetry.LiveFeed;
import dev.selvage.telemetry.Point;
import dev.selvage.telemetry.RangeQuery;
import dev.selvage.telemetry.RangeResult;
import dev.selvage.telemetry.Series;
import dev.selvage.telemetry.SeriesFilter;
import dev.selvage.telemetry.TelemetryException;
import dev.selvage.telemetry.TelemetryQueries;
import java.io.IOException;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Telemetry over HTTPS: {@code /apis/telemetry.selvage.dev/v1alpha1[/namespaces/NS]/{series|range|latest|subscribe}}
 * with the filters source, key, field and node. Without a namespace all are meant, and nodes' own series are among them.
 */
final class TelemetryPaths {
    static final String GROUP = "telemetry.selvage.dev";
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private final TelemetryQueries queries;
    private final AtomicBoolean stopping;

    TelemetryPaths(TelemetryQueries queries, AtomicBoolean stopping) {
        this.queries = queries;
        this.stopping = stopping;
    }

    void answer(Exchange exchange, List<String> rest) throws IOException {
        if (!exchange.method().equals("GET")) {
            throw ApiFailure.methodNotAllowed();
        }
        rest.forEach(part -> readable("path", part));
        boolean scoped = rest.size() == 3 && rest.get(0).equals("namespaces");
        if (!scoped && rest.size() != 1) {
            throw ApiFailure.noSuchPath();
        }
        SeriesFilter filter = new SeriesFilter(
                scoped ? rest.get(1) : null,
                text(exchange, "source"),
                text(exchange, "key"),
                text(exchange, "field"),
                text(exchange, "node"));
        try {
            switch (rest.getLast()) {
                case "series" -> series(exchange, filter);
                case "latest" -> points(exchange, queries.latest(filter, limit(exchange, 10_000)), false);
                case "range" -> range(exchange, filter);
                case "subscribe" -> subscribe(exchange, filter);
                default -> throw ApiFailure.noSuchPath();
            }
        } catch (TelemetryException e) {
            throw ApiFailure.unavailable("telemetry is unavailable: " + e.getMessage());
        }
    }

    private void series(Exchange exchange, SeriesFilter filter) {
        ObjectNode answer = Json.object();
        ArrayNode list = answer.putArray("series");
        queries.series(filter, limit(exchange, 10_000)).forEach(series -> describe(list.addObject(), series));
        exchange.send(200, answer);
    }

    private void range(Exchange exchange, SeriesFilter filter) {
        RangeQuery query;
        try {
            long now = System.currentTimeMillis();
            String step = exchange.parameter("step");
            String aggregate = exchange.parameter("aggregate");
            query = new RangeQuery(
                    filter,
                    time(exchange, "from", now - Duration.ofHours(1).toMillis()),
                    time(exchange, "to", now),
                    step.isEmpty() ? null : step(step),
                    aggregate.isEmpty() ? Aggregate.AVG : Aggregate.parse(aggregate),
                    limit(exchange, RangeQuery.MAX_POINTS));
        } catch (IllegalArgumentException e) {
            throw ApiFailure.badRequest(String.valueOf(e.getMessage()));
        }
        try {
            RangeResult result = queries.range(query);
            points(exchange, result.points(), result.truncated());
        } catch (IllegalArgumentException e) { // it would have to read too much
            throw ApiFailure.badRequest(String.valueOf(e.getMessage()));
        }
    }

    private static Duration step(String text) {
        return Durations.parse(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "step: found \"" + text + "\", accepted is " + Durations.ACCEPTED));
    }

    private static void points(Exchange exchange, List<Point> points, boolean truncated) {
        ObjectNode answer = Json.object();
        ArrayNode list = answer.putArray("points");
        points.forEach(point -> describe(list.addObject(), point));
        answer.put("truncated", truncated);
        exchange.send(200, answer);
    }

    /** One JSON object per line; an empty one when nothing came for a while, {@code {"lost":n}} where the reader was slow. */
    private void subscribe(Exchange exchange, SeriesFilter filter) throws IOException {
        try (LiveFeed feed = queries.subscribe(filter);
                OutputStream out = exchange.stream("application/x-ndjson", feed::close)) {
            out.flush();
            while (!stopping.get()) {
                LiveFeed.Batch batch = feed.next(HEARTBEAT);
                if (batch.closed()) {
                    return;
                }
                if (batch.lost() > 0) {
                    line(out, Json.object().put("lost", batch.lost()));
                }
                for (Point point : batch.points()) {
                    ObjectNode line = Json.object();
                    describe(line, point);
                    line(out, line);
                }
                if (batch.points().isEmpty()) {
                    line(out, Json.object());
                }
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void line(OutputStream out, ObjectNode line) throws IOException {
        out.write(Json.bytes(line));
        out.write('\n');
    }

    private static void describe(ObjectNode target, Series series) {
        target.put("namespace", series.namespace())
                .put("source", series.source())
                .put("key", series.key())
                .put("field", series.field())
                .put("node", series.node());
    }

    private static void describe(ObjectNode target, Point point) {
        describe(target, point.series());
        target.put("start", Instant.ofEpochMilli(point.startMillis()).toString())
                .put("end", Instant.ofEpochMilli(point.endMillis()).toString())
                .put("value", point.value())
                .put("partial", point.partial())
                .put("count", point.count());
    }

    private static @Nullable String text(Exchange exchange, String name) {
        String value = exchange.parameter(name);
        return value.isEmpty() ? null : readable(name, value);
    }

    /** The database takes no NUL in a text. */
    private static String readable(String name, String value) {
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw ApiFailure.badRequest(name + ": found a control character, accepted is text");
        }
        return value;
    }

    private static int limit(Exchange exchange, int most) {
        long limit = exchange.number("limit", most);
        if (limit < 1 || limit > most) {
            throw ApiFailure.badRequest("limit: found " + limit + ", accepted are 1 to " + most);
        }
        return (int) limit;
    }

    /** RFC 3339, or milliseconds of Unix time. */
    private static long time(Exchange exchange, String name, long otherwise) {
        String text = exchange.parameter(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        if (text.matches("[0-9]{1,15}")) {
            return Long.parseLong(text);
        }
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw ApiFailure.badRequest(
                    name + ": found \"" + text + "\", accepted is an RFC 3339 time or milliseconds of Unix time");
        }
    }
}
