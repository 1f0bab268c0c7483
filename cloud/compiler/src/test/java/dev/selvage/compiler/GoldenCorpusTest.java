package dev.selvage.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.model.Quality;
import dev.selvage.model.WriteAuthority;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.streams.PropertyWriter;
import dev.selvage.streams.Row;
import dev.selvage.streams.SampleSink;
import dev.selvage.streams.Streams;
import dev.selvage.streams.StreamsConfig;
import dev.selvage.streams.WindowName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** One corpus of queries and results, by Flink's rules, through the compiler and the engine that nodes have (design, "Devices and streams"). */
final class GoldenCorpusTest {
    private static final long TICK = 100;

    @TempDir
    Path directory;

    @TestFactory
    Stream<DynamicTest> every_query_of_the_corpus_yields_what_flink_yields() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(GoldenCorpusTest.class.getResourceAsStream("corpus.json"))) {
            for (JsonNode one : Json.parseObject(in.readAllBytes()).path("cases")) {
                tests.add(DynamicTest.dynamicTest(
                        one.path("name").asText(), () -> assertThat(run(one)).isEqualTo(rows(one.path("rows")))));
            }
        }
        assertThat(tests).hasSizeGreaterThan(30);
        return tests.stream();
    }

    private List<String> run(JsonNode one) throws IOException {
        Plan plan = StreamCompilerTest.compiled(one.path("sql").asText(), true);
        ObjectNode stream = Json.parseObject(
                "{\"metadata\": {\"namespace\": \"shop\", \"name\": \"s\", \"uid\": \"u\"}, \"status\": {}}");
        ((ObjectNode) stream.path("status")).set("plan", PlanCodec.write(plan));
        Recorder rows = new Recorder();
        HandClock clock = new HandClock();
        StreamsConfig config = new StreamsConfig(
                directory.resolve(Integer.toString(one.hashCode())),
                clock,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                10,
                10,
                100);
        try (Streams streams = Streams.open(config, rows, new NoWrites(), (key, uid, state, message) -> {})) {
            streams.desired(List.of(stream));
            for (JsonNode reading : one.path("readings")) {
                while (clock.millis < reading.get(1).asLong()) {
                    clock.millis = Math.min(clock.millis + TICK, reading.get(1).asLong());
                    streams.tick();
                }
                streams.accept(reading(reading));
            }
            for (int i = 0; i < 200; i++) {
                clock.millis += TICK;
                streams.tick();
            }
        }
        assertThat(rows.rows).noneMatch(Row::partial);
        return rows.rows.stream()
                .sorted(Comparator.comparingLong(Row::endMillis).thenComparing(Row::key))
                .map(r -> r.key() + " " + r.startMillis() + " " + r.endMillis() + " " + r.values())
                .toList();
    }

    private static DeviceReading reading(JsonNode reading) {
        Map<String, Object> values = new LinkedHashMap<>();
        reading.get(2)
                .properties()
                .forEach(p -> values.put(
                        p.getKey(),
                        switch (p.getValue().getNodeType()) {
                            case BOOLEAN -> p.getValue().asBoolean();
                            case STRING -> p.getValue().asText();
                            default ->
                                p.getValue().isIntegralNumber()
                                        ? (Object) p.getValue().asLong()
                                        : p.getValue().asDouble();
                        }));
        return new DeviceReading(
                "shop",
                reading.get(0).asText(),
                "cold-room",
                Map.of(),
                reading.get(1).asLong(),
                values,
                Quality.GOOD);
    }

    private static List<String> rows(JsonNode rows) {
        List<String> expected = new ArrayList<>();
        for (JsonNode row : rows) {
            Map<String, Double> values = new LinkedHashMap<>();
            row.get(3)
                    .properties()
                    .forEach(p -> values.put(p.getKey(), p.getValue().asDouble()));
            expected.add(row.get(0).asText() + " " + row.get(1).asLong() + " "
                    + row.get(2).asLong() + " " + values);
        }
        return expected;
    }

    private static final class Recorder implements SampleSink {
        final List<Row> rows = new ArrayList<>();

        @Override
        public void append(Row row) {
            rows.add(row);
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
                String namespace, String device, String property, Object value, WriteAuthority by, long validUntil) {
            throw new AssertionError("no write was asked for");
        }
    }

    private static final class HandClock extends Clock {
        long millis;

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
}
