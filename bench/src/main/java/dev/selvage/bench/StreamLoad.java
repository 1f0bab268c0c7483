package dev.selvage.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.Quality;
import dev.selvage.model.WriteAuthority;
import dev.selvage.model.plan.Aggregate;
import dev.selvage.model.plan.Expr;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.model.plan.Sink;
import dev.selvage.model.plan.Type;
import dev.selvage.model.plan.Window;
import dev.selvage.streams.PropertyWriter;
import dev.selvage.streams.Row;
import dev.selvage.streams.SampleSink;
import dev.selvage.streams.Streams;
import dev.selvage.streams.StreamsConfig;
import dev.selvage.streams.WindowName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** What {@link StreamBench} runs in a JVM of its own; prints one JSON object. */
final class StreamLoad {
    private static final int DEVICES = 100;
    private static final int ROUNDS = 5;
    private static final String[] NAMES =
            IntStream.range(0, DEVICES).mapToObj(i -> "room-" + i).toArray(String[]::new);
    private static final Map<String, Object> VALUES = Map.of("temperature", 4.25, "door", false);

    private final HandClock clock = new HandClock();
    private final Counting sink = new Counting();
    private final Streams engine;

    private StreamLoad(Path directory, int streams, long windowMillis) throws IOException {
        StreamsConfig standard = StreamsConfig.in(directory);
        engine = Streams.open(
                new StreamsConfig(
                        directory,
                        clock,
                        standard.lateness(),
                        standard.lookAhead(),
                        standard.writeValidity(),
                        standard.maxStreams(),
                        standard.maxKeys(),
                        standard.maxQueuedRows()),
                sink,
                new NoWrites(),
                (key, uid, state, message) -> {});
        engine.desired(IntStream.range(0, streams)
                .mapToObj(i -> stream(i, windowMillis))
                .toList());
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("selvage-bench");
        try {
            System.out.println(Json.text(arguments[0].equals("heap") ? heap(directory) : events(directory)));
        } finally {
            Context.delete(directory);
        }
    }

    private static ObjectNode events(Path directory) throws IOException {
        StreamLoad load = new StreamLoad(directory, 1, 1_000);
        load.eventsPerSecond(Duration.ofSeconds(3));
        List<Double> rounds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            rounds.add(load.eventsPerSecond(Duration.ofSeconds(2)));
        }
        if (load.sink.rows < DEVICES) {
            throw new IllegalStateException("the engine gave " + load.sink.rows + " rows: it did not do its work");
        }
        load.engine.close();
        return Json.object()
                .put("median", rounds.stream().sorted().toList().get(ROUNDS / 2))
                .put("rounds", ROUNDS);
    }

    /**
     * Closed loop on this thread: readings, and a tick each tenth of a second of the readings' time. What counts is the
     * processor's time, the collector's and compiler's included: others may use the core too.
     */
    private double eventsPerSecond(Duration time) {
        long begun = cpuNanos();
        long used = 0;
        long events = 0;
        while (used < time.toNanos()) {
            second();
            events += 100L * DEVICES;
            used = cpuNanos() - begun;
        }
        return events / (used / 1e9);
    }

    private static long cpuNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private void second() {
        for (int step = 1; step <= 100; step++) {
            clock.millis += 10;
            readings();
            if (step % 10 == 0) {
                engine.tick();
            }
        }
    }

    private void readings() {
        for (String device : NAMES) {
            engine.accept(new DeviceReading("shop", device, "cold-room", Map.of(), clock.millis, VALUES, Quality.GOOD));
        }
    }

    private static ObjectNode heap(Path directory) throws Exception {
        long before = used();
        StreamLoad load = new StreamLoad(directory, 200, 10_000);
        for (int i = 0; i < 2_000; i++) {
            load.clock.millis += 100;
            load.readings();
            load.engine.tick();
        }
        double mib = (used() - before) / 1048576.0;
        load.engine.close();
        return Json.object().put("mib", mib);
    }

    private static long used() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static ObjectNode stream(int number, long windowMillis) {
        Expr temperature = new Expr.Column("temperature", Type.DOUBLE);
        Plan plan = new Plan(
                "cold-room",
                LabelSelector.EVERYTHING,
                new Sink.Uplink("live"),
                null,
                new Window(
                        windowMillis,
                        0,
                        List.of(new Aggregate(Aggregate.Function.AVG, Type.DOUBLE, temperature)),
                        null),
                List.of(new Plan.Output("temperature", new Expr.Result(0, Type.DOUBLE))));
        ObjectNode stream = Json.object();
        stream.putObject("metadata")
                .put("namespace", "shop")
                .put("name", "s" + number)
                .put("uid", "u" + number);
        stream.putObject("status").set("plan", PlanCodec.write(plan));
        return stream;
    }

    /** The readings' time, as fast as the engine goes. */
    private static final class HandClock extends Clock {
        private long millis = 1_000_000;

        @Override
        public long millis() {
            return millis;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private static final class Counting implements SampleSink {
        private long rows;

        @Override
        public void append(Row row) {
            rows++;
        }

        @Override
        public void gap(String namespace, long fromMillis, long toMillis) {}

        @Override
        public void sync() {}

        @Override
        public void recent(Consumer<WindowName> seen) {}
    }

    private static final class NoWrites implements PropertyWriter {
        @Override
        public String write(
                String namespace,
                String device,
                String property,
                Object value,
                WriteAuthority authority,
                long validUntilMillis) {
            return "";
        }
    }
}
