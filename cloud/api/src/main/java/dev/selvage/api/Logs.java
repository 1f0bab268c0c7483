package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.store.Resources;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** GET pods/NAME/log, with upstream's options and messages. */
final class Logs {
    private static final Duration LONGEST = Duration.ofDays(36_500);
    private static final int CHUNK = 16 << 10;

    /** A followed log may be silent for long; a node that has nothing to follow says so within this time. */
    private static final Duration REFUSAL = Duration.ofSeconds(2);

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
        try (InputStream log = logs.open(node, target.key(), options)) {
            FutureTask<byte[]> first = new FutureTask<>(() -> read(log));
            Thread.ofVirtual().name("log-" + target.name()).start(first);
            awaitRefusal(first, options.follow());
            try (OutputStream out = exchange.stream("text/plain", () -> close(log))) {
                out.flush();
                copy(first, log, out, options.limitBytes());
            }
        } catch (NodeUnreachableException e) {
            throw ApiFailure.unavailable(String.valueOf(e.getMessage()));
        }
    }

    /** What a node cannot give is known by its first answer, and told while an error can still be told. */
    private static void awaitRefusal(FutureTask<byte[]> first, boolean follow) throws IOException {
        try {
            if (follow) {
                first.get(REFUSAL.toMillis(), TimeUnit.MILLISECONDS);
            } else {
                first.get();
            }
        } catch (TimeoutException silent) {
            return;
        } catch (ExecutionException e) {
            throw ApiFailure.badRequest(
                    String.valueOf(Objects.requireNonNull(e.getCause()).getMessage()));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static void copy(FutureTask<byte[]> first, InputStream log, OutputStream out, @Nullable Long limit)
            throws IOException {
        long left = limit == null ? Long.MAX_VALUE : limit;
        for (byte[] chunk = begin(first); chunk.length > 0; chunk = read(log)) {
            int count = (int) Math.min(chunk.length, left);
            out.write(chunk, 0, count);
            out.flush();
            left -= count;
            if (left == 0) {
                return;
            }
        }
    }

    private static byte[] begin(FutureTask<byte[]> first) throws IOException {
        try {
            return first.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** What comes next; empty at the end. */
    private static byte[] read(InputStream log) throws IOException {
        byte[] buffer = new byte[CHUNK];
        int count = log.read(buffer);
        return Arrays.copyOf(buffer, Math.max(0, count));
    }

    private static IOException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return (IOException) new InterruptedIOException("interrupted").initCause(e);
    }

    private static void close(InputStream log) {
        try {
            log.close();
        } catch (IOException e) {
            System.getLogger(Logs.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing the log of a client that left", e);
        }
    }

    /** The container that is meant: the one that is named, the only one, or the default one. */
    static String container(Exchange exchange, ObjectNode pod) {
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
