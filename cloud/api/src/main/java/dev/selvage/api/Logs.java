package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.store.Resources;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** GET pods/NAME/log, with upstream's options and messages. */
final class Logs {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final Resources resources;
    private final PodLogs logs;

    Logs(Resources resources, PodLogs logs) {
        this.resources = resources;
        this.logs = logs;
    }

    void get(Exchange exchange, Target target) throws IOException {
        ObjectNode pod = resources
                .get(target.key())
                .orElseThrow(() -> ApiFailure.notFound(target))
                .parse();
        LogOptions options = options(exchange, container(exchange, pod));
        String node = Json.textAt(pod, "spec", "nodeName");
        if (node.isEmpty()) {
            throw ApiFailure.badRequest("pod " + target.name() + " does not have a host assigned");
        }
        try (InputStream log = logs.open(node, target.key(), options);
                OutputStream out = exchange.stream("text/plain", () -> close(log))) {
            copy(log, out, options.limitBytes());
        } catch (NodeUnreachableException e) {
            throw ApiFailure.unavailable(String.valueOf(e.getMessage()));
        }
    }

    private static void copy(InputStream log, OutputStream out, @Nullable Long limit) throws IOException {
        byte[] buffer = new byte[16 << 10];
        long left = limit == null ? Long.MAX_VALUE : limit;
        out.flush();
        while (left > 0) {
            int read = log.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                return;
            }
            out.write(buffer, 0, read);
            out.flush();
            left -= read;
        }
    }

    private static void close(InputStream log) {
        try {
            log.close();
        } catch (IOException e) {
            System.getLogger(Logs.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing the log of a client that left", e);
        }
    }

    private static String container(Exchange exchange, ObjectNode pod) {
        List<String> names = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (JsonNode container : pod.path("spec").path("containers")) {
            names.add(Json.textAt(container, "name"));
        }
        all.addAll(names);
        pod.path("spec").path("initContainers").forEach(c -> all.add(Json.textAt(c, "name")));
        String asked = exchange.parameter("container");
        String standard = Meta.annotations(pod).getOrDefault("kubectl.kubernetes.io/default-container", "");
        if (asked.isEmpty() && names.size() == 1) {
            return names.getFirst();
        }
        if (asked.isEmpty() && names.contains(standard)) {
            return standard;
        }
        if (asked.isEmpty()) {
            throw ApiFailure.badRequest("a container name must be specified for pod " + Meta.name(pod)
                    + ", choose one of: [" + String.join(" ", names) + "]");
        }
        if (!all.contains(asked)) {
            throw ApiFailure.badRequest("container " + asked + " is not valid for pod " + Meta.name(pod));
        }
        return asked;
    }

    private static LogOptions options(Exchange exchange, String container) {
        return new LogOptions(
                container,
                exchange.flag("follow"),
                exchange.flag("previous"),
                exchange.flag("timestamps"),
                optional(exchange, "tailLines"),
                since(exchange),
                optional(exchange, "limitBytes"));
    }

    private static @Nullable Long optional(Exchange exchange, String name) {
        return exchange.parameter(name).isEmpty() ? null : (Long) exchange.number(name, 0);
    }

    private static @Nullable Duration since(Exchange exchange) {
        String time = exchange.parameter("sinceTime");
        if (!time.isEmpty()) {
            try {
                Duration since = Duration.between(Instant.parse(time), Instant.now());
                return since.isNegative() ? Duration.ZERO : bounded(since);
            } catch (DateTimeException e) {
                throw ApiFailure.badRequest("sinceTime: found \"" + time + "\", accepted is an RFC 3339 time");
            }
        }
        String seconds = exchange.parameter("sinceSeconds");
        return seconds.isEmpty() ? null : bounded(Duration.ofSeconds(exchange.number("sinceSeconds", 0)));
    }

    /** No log is older; and milliseconds of it fit into a number. */
    private static Duration bounded(Duration since) {
        return since.compareTo(LONGEST) < 0 ? since : LONGEST;
    }
}
