package dev.selvage.streams;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.Quality;
import dev.selvage.model.plan.Aggregate;
import dev.selvage.model.plan.Expr;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.model.plan.Sink;
import dev.selvage.model.plan.Type;
import dev.selvage.model.plan.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Events per second of a one-second average over 100 devices, on one thread, through the whole engine; then the heap of 200
 * streams. A main, no test: {@code java -cp … dev.selvage.streams.Bench}.
 */
final class Bench {
    private static final int DEVICES = 100;
    private static final int EVENTS = 20_000_000;

    private static final String[] NAMES = java.util.stream.IntStream.range(0, DEVICES)
            .mapToObj(i -> "room-" + i)
            .toArray(String[]::new);

    private Bench() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        for (int round = 0; round < 5; round++) {
            System.out.printf("%,.0f events/s%n", throughput(1));
        }
        System.out.printf("%,.0f events/s with 10 streams over each event%n", throughput(10) * 10);
        memory();
    }

    private static double throughput(int streams) throws Exception {
        Path directory = Files.createTempDirectory("bench");
        HandClock clock = new HandClock(1_000_000);
        RecordingSink sink = new RecordingSink();
        try (Streams engine =
                Streams.open(Config.of(directory, clock), sink, new RecordingWriter(), (k, u, s, m) -> {})) {
            engine.desired(many(streams, 1_000));
            Map<String, Object> values = Map.of("temperature", 4.25, "door", false);
            DeviceReading[] readings = new DeviceReading[DEVICES];
            int events = EVENTS / streams;
            long begun = System.nanoTime();
            for (int i = 0; i < events; i++) {
                int device = i % DEVICES;
                if (device == 0) {
                    clock.millis += 10; // each device at 100 Hz
                    if (i % 1_000 == 0) {
                        engine.tick();
                        sink.rows.clear();
                    }
                }
                readings[device] = reading(device, clock.millis, values);
                engine.accept(readings[device]);
            }
            return events / ((System.nanoTime() - begun) / 1e9);
        }
    }

    private static void memory() throws Exception {
        Path directory = Files.createTempDirectory("bench");
        HandClock clock = new HandClock(1_000_000);
        RecordingSink sink = new RecordingSink();
        long before = used();
        try (Streams engine =
                Streams.open(Config.of(directory, clock), sink, new RecordingWriter(), (k, u, s, m) -> {})) {
            engine.desired(many(200, 10_000));
            for (int i = 0; i < 2_000; i++) {
                clock.millis += 100;
                for (int device = 0; device < DEVICES; device++) {
                    engine.accept(reading(device, clock.millis, Map.of("temperature", 1.0 * i)));
                }
                engine.tick();
                sink.rows.clear();
            }
            System.out.printf("200 streams of 100 devices: %,d KiB of heap%n", (used() - before) / 1024);
            System.out.println(engine.snapshot().getFirst());
        }
    }

    private static long used() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(50);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static DeviceReading reading(int device, long at, Map<String, Object> values) {
        return new DeviceReading("shop", NAMES[device], "cold-room", Map.of(), at, values, Quality.GOOD);
    }

    private static List<ObjectNode> many(int count, long size) {
        List<ObjectNode> streams = new ArrayList<>();
        Expr temperature = new Expr.Column("temperature", Type.DOUBLE);
        Plan plan = new Plan(
                "cold-room",
                LabelSelector.EVERYTHING,
                new Sink.Uplink("live"),
                null,
                new Window(size, 0, List.of(new Aggregate(Aggregate.Function.AVG, Type.DOUBLE, temperature)), null),
                List.of(new Plan.Output("temperature", new Expr.Result(0, Type.DOUBLE))));
        for (int i = 0; i < count; i++) {
            ObjectNode stream = Json.parseObject("{\"metadata\": {\"namespace\": \"shop\", \"name\": \"s" + i
                    + "\", \"uid\": \"u\"}, \"status\": {}}");
            ((ObjectNode) stream.path("status")).set("plan", PlanCodec.write(plan));
            streams.add(stream);
        }
        return streams;
    }
}
