package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.compiler.Catalog;
import dev.selvage.compiler.CompileResult;
import dev.selvage.compiler.StreamCompiler;
import dev.selvage.files.CheckedFile;
import dev.selvage.model.DeviceModel;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.Quality;
import dev.selvage.model.StreamSpec;
import dev.selvage.model.WriteAuthority;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.model.plan.PlanReading;
import dev.selvage.model.plan.Sink;
import dev.selvage.streams.PropertyWriter;
import dev.selvage.streams.Row;
import dev.selvage.streams.SampleSink;
import dev.selvage.streams.Streams;
import dev.selvage.streams.StreamsConfig;
import dev.selvage.streams.WindowName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The node's stream engine before a centre that sends plans which lie or are of a newer version, and before its own files as a disk or another agent left them: damaged,
 * or well sealed with nonsense inside.
 */
public final class StreamsDoor implements Door {
    private static final String MODEL = """
            {"metadata": {"name": "room"}, "spec": {"properties": [
              {"name": "temperature", "type": "number"},
              {"name": "doors", "type": "integer"},
              {"name": "mode", "type": "string"},
              {"name": "compressor", "type": "boolean", "access": "readWrite"}]}}""";
    private static final List<String> QUERIES = List.of(
            "SELECT device, window_start, window_end, AVG(temperature) AS a, COUNT(*) AS n, LAST_VALUE(doors) AS d, MAX(doors) AS m"
                    + " FROM TABLE(TUMBLE(TABLE `room`, DESCRIPTOR(ts), INTERVAL '1' SECOND))"
                    + " GROUP BY device, window_start, window_end HAVING COUNT(*) > 0",
            "SELECT device, temperature * 2 + doors AS x, CASE WHEN doors > 3 THEN 1 ELSE 0 END AS y FROM `room`"
                    + " WHERE compressor IS NOT NULL AND mode = 'on' OR temperature BETWEEN 1 AND 5");

    private final Path directory;
    private final List<ObjectNode> plans = new ArrayList<>();

    public StreamsDoor(Path directory) {
        this.directory = directory.resolve("streams");
        Catalog catalog = new Catalog(Map.of("room", DeviceModel.of(Json.parseObject(MODEL))));
        for (String sql : QUERIES) {
            var result = new StreamCompiler()
                    .compile(new StreamSpec(sql, LabelSelector.EVERYTHING, new Sink.Uplink("live")), catalog);
            if (!(result instanceof CompileResult.Compiled compiled)) {
                throw new IllegalStateException(result.toString());
            }
            plans.add(PlanCodec.write(compiled.plan()));
        }
    }

    @Override
    public String name() {
        return "streams";
    }

    @Override
    public String attempt(Draw draw) throws Exception {
        delete();
        ObjectNode plan = draw.of(plans);
        boolean lie = draw.chance(70);
        ObjectNode sent = lie ? Trees.mutate(draw, plan, plans) : plan;
        draw.sent(Json.bytes(sent));
        String answer = PlanCodec.read(sent).getClass().getSimpleName();
        run(draw, List.of(stream("a", plan), stream("b", sent)));
        damage(draw);
        run(draw, List.of(stream("a", plan)));
        return answer.equals(PlanReading.Known.class.getSimpleName()) && lie ? "accepted" : answer;
    }

    private static ObjectNode stream(String name, ObjectNode plan) {
        ObjectNode stream =
                Json.object().put("apiVersion", "selvage.dev/v1alpha1").put("kind", "Stream");
        stream.putObject("metadata").put("name", name).put("namespace", "fuzz").put("uid", name);
        stream.putObject("spec");
        stream.putObject("status").set("plan", plan);
        return stream;
    }

    private void run(Draw draw, List<ObjectNode> desired) throws IOException, BrokenException {
        Rows rows = new Rows();
        try (Streams streams = Streams.open(StreamsConfig.in(directory), rows, new Nobody(), (k, u, s, m) -> {})) {
            streams.desired(desired);
            long now = System.currentTimeMillis();
            for (int i = 0; i < 40; i++) {
                streams.accept(reading(draw, now - 4_000 + i * 100L));
            }
            streams.tick();
            streams.snapshot();
        }
        if (rows.count > 2_000) {
            throw new BrokenException(rows.count + " rows out of 40 readings");
        }
    }

    private static DeviceReading reading(Draw draw, long at) {
        Map<String, Object> values = new java.util.LinkedHashMap<>();
        values.put("temperature", draw.chance(80) ? (double) draw.below(100) : Double.longBitsToDouble(draw.number()));
        values.put("doors", draw.chance(80) ? (Object) (long) draw.below(10) : (Object) draw.number());
        values.put("mode", draw.chance(80) ? "on" : draw.word());
        if (draw.chance(80)) {
            values.put("compressor", draw.chance(50));
        }
        return new DeviceReading("fuzz", "room-" + draw.below(3), "room", Map.of(), at, values, Quality.GOOD);
    }

    private void damage(Draw draw) throws IOException {
        for (String name : List.of("windows", "plans")) {
            Path file = directory.resolve(name);
            if (Files.exists(file) && draw.chance(70)) {
                byte[] bytes = Files.readAllBytes(file);
                Files.write(file, draw.chance(30) ? Bytes.mutate(draw, bytes) : sealed(draw, name, bytes));
            }
        }
    }

    /** Nonsense under a checksum that is right. */
    private byte[] sealed(Draw draw, String name, byte[] bytes) {
        byte[] content = CheckedFile.content(bytes).orElseThrow();
        byte[] broken = name.equals("plans") && draw.chance(60)
                ? Json.bytes(Trees.mutate(draw, Json.parseObject(content), plans))
                : Bytes.mutate(draw, content);
        return CheckedFile.bytes(broken);
    }

    private void delete() throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static final class Rows implements SampleSink {
        private int count;

        @Override
        public void append(Row row) {
            count++;
        }

        @Override
        public void gap(String namespace, long fromMillis, long toMillis) {}

        @Override
        public void sync() {}

        @Override
        public void recent(Consumer<WindowName> seen) {}
    }

    private static final class Nobody implements PropertyWriter {
        @Override
        public String write(
                String namespace, String device, String property, Object value, WriteAuthority authority, long until) {
            return "";
        }
    }
}
