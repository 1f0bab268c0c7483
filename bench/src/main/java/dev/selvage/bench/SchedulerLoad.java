package dev.selvage.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Ten thousand pods onto a thousand nodes that are only said to exist: what the scheduler decides, and what becomes durable. */
final class SchedulerLoad {
    private static final String PODS = "/api/v1/namespaces/bench/pods";
    private static final int WRITERS = 32;

    private final int nodes;
    private final int pods;

    SchedulerLoad(Context context) {
        nodes = context.quick() ? 100 : 1_000;
        pods = context.quick() ? 1_000 : 10_000;
    }

    /** In a process of its own, with the centre's classes and no store: one decision after the other. */
    List<Figure> decisions(Context context) throws IOException, InterruptedException {
        List<String> command = List.of(
                context.jdk().resolve("bin/java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                context.root().resolve("target/dist/server/lib") + "/*:" + System.getProperty("java.class.path"),
                DecisionsLoad.class.getName(),
                Integer.toString(nodes),
                Integer.toString(pods));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("the measuring process ended with " + process.exitValue() + ": " + output);
        }
        ObjectNode measured = Json.parseObject(output.strip());
        String load = pods + " pods on " + nodes + " nodes, one after another, nothing written";
        String spreading = load + "; Deployments of " + DecisionsLoad.REPLICAS + ", spread over sites, one pod a node";
        return List.of(
                rate("decisions/s", measured, "plain", load).atLeast(3_000),
                slowest("decision", measured, "plain", load),
                rate("decisions/s, with spread and anti-affinity", measured, "spread", spreading)
                        .atLeast(1_000),
                slowest("decision with spread and anti-affinity", measured, "spread", spreading));
    }

    private Figure rate(String name, ObjectNode measured, String which, String load) {
        return Figure.of(name, measured.path(which).path("rate").asDouble(), "1/s", pods, "mean", load);
    }

    private Figure slowest(String name, ObjectNode measured, String which, String load) {
        return Figure.of(name + ", p99", measured.path(which).path("p99").asDouble(), "ms", pods, "p99", load);
    }

    /** In an installation: the pods wait already when the nodes come; counted by a watch, so each binding is committed. */
    List<Figure> bindings(Context context, Installation installation, Api api) throws Exception {
        context.say("creating " + pods + " pods that wait ...");
        each(installation, pods, i ->
                new String[] {PODS, DecisionsLoad.pod("p" + i, "app-" + i / DecisionsLoad.REPLICAS, "")});
        String revision = Json.textAt(api.get(PODS + "?limit=1"), "metadata", "resourceVersion");
        AtomicInteger bound = new AtomicInteger();
        long[] firstAndLast = new long[2];
        try (Connection database = RawTable.connect(installation);
                Stream<String> watch = api.watch(PODS + "?watch=true&resourceVersion=" + revision)) {
            Thread.ofVirtual().start(() -> count(watch, bound, firstAndLast));
            heartbeat(database);
            context.say("creating " + nodes + " nodes ...");
            long begun = System.nanoTime();
            each(installation, nodes, i -> new String[] {"/api/v1/nodes", Json.text(DecisionsLoad.node(i))});
            Until.within(Duration.ofMinutes(10), pods + " pods are bound", () -> {
                if ((System.nanoTime() - begun) / 1_000_000_000L % 10 == 9) {
                    heartbeat(database);
                }
                return bound.get() >= pods;
            });
            String load = pods + " waiting pods, then " + nodes + " nodes created by " + WRITERS + " writers; fsync on";
            return List.of(
                    Figure.of(
                                    "durable bindings/s",
                                    pods / ((firstAndLast[1] - firstAndLast[0]) / 1e9),
                                    "1/s",
                                    pods,
                                    "mean",
                                    load)
                            .atLeast(500),
                    Figure.of(
                            "all pods bound, from the first node's creation",
                            (firstAndLast[1] - begun) / 1e9,
                            "s",
                            1,
                            "once",
                            load));
        }
    }

    private static void count(Stream<String> watch, AtomicInteger bound, long[] firstAndLast) {
        try {
            Set<String> seen = new HashSet<>();
            watch.forEach(line -> {
                JsonNode pod = Json.parseObject(line).path("object");
                if (!Json.textAt(pod, "spec", "nodeName").isEmpty() && seen.add(Json.textAt(pod, "metadata", "name"))) {
                    long now = System.nanoTime();
                    firstAndLast[0] = firstAndLast[0] == 0 ? now : firstAndLast[0];
                    firstAndLast[1] = now;
                    bound.incrementAndGet();
                }
            });
        } catch (RuntimeException closed) {
            // the end of the bench, or of the centre: who waits for the pods says so
        }
    }

    /** As the hub would for nodes that are linked; without it they would count as unreachable after 40 s. */
    private void heartbeat(Connection database) {
        try (PreparedStatement insert = database.prepareStatement(
                "INSERT INTO node_session (node, at, epoch, hub) SELECT 'sim-' || n, clock_timestamp(), 0, ''"
                        + " FROM generate_series(0, ? - 1) n ON CONFLICT (node) DO UPDATE SET at = excluded.at")) {
            insert.setInt(1, nodes);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Request {
        /** Path and body. */
        String[] of(int number);
    }

    private static void each(Installation installation, int count, Request request) throws Exception {
        List<Line> lines = new ArrayList<>();
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                Line line = Line.open(installation.kubeconfig(), writer + 1);
                lines.add(line);
                all.add(executor.submit(() -> {
                    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                        String[] pathAndBody = request.of(i);
                        line.drain(line.post(pathAndBody[0], pathAndBody[1]));
                    }
                    return null;
                }));
            }
            UplinkBench.await(all);
        } finally {
            lines.forEach(Line::close);
        }
    }
}
