package dev.selvage.bench.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.bench.Api;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows telemetry as it is stored. What is kept of a window is one point however often it came, so a window that the node sends twice is seen here, before that.
 */
final class LiveWindows extends Background {
    private static final String PATH =
            "/apis/telemetry.selvage.dev/v1alpha1/namespaces/" + ChaosSite.NAMESPACE + "/subscribe?field=n";

    private record Name(String source, String key, String end) {}

    private final Api api;
    private final Violations violations;
    private final Set<Name> seen = new HashSet<>();
    private volatile @Nullable Stream<String> open;

    LiveWindows(Api api, Violations violations) {
        super("live telemetry", violations);
        this.api = api;
        this.violations = violations;
    }

    @Override
    void step() throws IOException {
        try (Stream<String> lines = api.watch(PATH)) {
            open = lines;
            lines.takeWhile(line -> !closed()).forEach(this::line);
        } catch (JsonException half) {
            // the last line of a centre that died
        }
        throw new IOException("the feed ended");
    }

    private synchronized void line(String line) {
        if (line.isBlank()) {
            return;
        }
        ObjectNode point = Json.parseObject(line);
        if (point.has("source")) {
            Name name = new Name(
                    Json.textAt(point, "source"),
                    Json.textAt(point, "key"),
                    point.path("end").asText());
            if (!seen.add(name)) {
                violations.add("doubled: " + point);
            }
        }
    }

    synchronized int count() {
        return seen.size();
    }

    @Override
    void interrupt() {
        @Nullable Stream<String> lines = open;
        if (lines != null) {
            lines.close();
        }
    }
}
