package dev.selvage.bench.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.bench.Api;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A watch that goes on from the revision it has seen last, however often the centre dies; revisions only grow. */
final class Follower extends Background {
    record Event(String type, String value, long revision) {}

    private static final int EXPIRED = 410;

    private final Api api;
    private final String path;
    private final Function<JsonNode, String> value;
    private final Violations violations;
    private final Map<String, List<Event>> events = new HashMap<>();
    private long seen;
    private int connections;
    private volatile @Nullable Stream<String> open;

    /** @param value what is kept of an object */
    Follower(Api api, String path, Function<JsonNode, String> value, Violations violations) throws IOException {
        super("watch of " + path, violations);
        this.api = api;
        this.path = path;
        this.value = value;
        this.violations = violations;
        seen = Long.parseLong(Json.textAt(api.get(path), "metadata", "resourceVersion"));
    }

    @Override
    void step() throws IOException {
        try (Stream<String> lines = api.watch(path + "?watch=true&resourceVersion=" + seen)) {
            open = lines;
            connections++;
            lines.takeWhile(line -> !closed()).forEach(this::line);
        } catch (JsonException half) {
            // the last line of a centre that died
        }
        throw new IOException("the watch ended");
    }

    private void line(String line) {
        if (line.isBlank()) {
            return;
        }
        ObjectNode event = Json.parseObject(line);
        JsonNode object = event.path("object");
        String type = Json.textAt(event, "type");
        if (type.isEmpty() && object.isMissingNode()) {
            return; // an error status instead of a watch, while the centre starts
        }
        if (type.equals("ERROR") && object.path("code").asInt() == EXPIRED) {
            // the cache was loaded anew: it goes on from where it was, and the audit tells whether anything is missing
            return;
        }
        if (type.equals("ERROR")) {
            violations.add("watch of " + path + " from " + seen + ": " + object);
            return;
        }
        long revision = Long.parseLong(Json.textAt(object, "metadata", "resourceVersion"));
        if (revision <= seen) {
            violations.add("watch of " + path + ": revision " + revision + " after " + seen);
        }
        seen = revision;
        synchronized (events) {
            events.computeIfAbsent(Json.textAt(object, "metadata", "name"), n -> new ArrayList<>())
                    .add(new Event(type, value.apply(object), revision));
        }
    }

    List<Event> of(String name) {
        synchronized (events) {
            return List.copyOf(events.getOrDefault(name, List.of()));
        }
    }

    long count() {
        synchronized (events) {
            return events.values().stream().mapToLong(List::size).sum();
        }
    }

    int connections() {
        return connections;
    }

    @Override
    void interrupt() {
        @Nullable Stream<String> lines = open;
        if (lines != null) {
            lines.close();
        }
    }
}
