package dev.selvage.bench.chaos;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Follows the plant's log, over its rotation: which answers it gave and which setpoints were written, by Modbus unit. */
final class PlantDiary extends Background {
    /** An answer or a write, at a time in milliseconds of Unix time. */
    record Entry(long at, long value) {}

    private final Path file;
    private final Map<Integer, List<Entry>> answers = new HashMap<>();
    private final Map<Integer, List<Entry>> setpoints = new HashMap<>();
    private final ByteArrayOutputStream half = new ByteArrayOutputStream();
    private long offset;

    PlantDiary(Path file, Violations violations) {
        super("plant's log", violations);
        this.file = file;
    }

    @Override
    void step() throws IOException, InterruptedException {
        catchUp();
        TimeUnit.MILLISECONDS.sleep(500);
    }

    synchronized void catchUp() throws IOException {
        if (Files.exists(file) && Files.size(file) < offset) {
            read(file.resolveSibling(file.getFileName() + ".1"));
            offset = 0;
        }
        read(file);
    }

    private void read(Path from) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(from.toFile(), "r")) {
            in.seek(offset);
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                offset += n;
                for (int i = 0; i < n; i++) {
                    if (buffer[i] == '\n') {
                        line(half.toString(StandardCharsets.UTF_8));
                        half.reset();
                    } else {
                        half.write(buffer[i]);
                    }
                }
            }
        }
    }

    private void line(String text) {
        boolean answer = text.contains("\"read\"");
        if (answer || text.contains("\"setpoint\",\"value\"")) {
            ObjectNode line = Json.parseObject(text);
            Entry entry = new Entry(
                    line.path("t").asLong(),
                    line.path(answer ? "read" : "value").asLong());
            (answer ? answers : setpoints)
                    .computeIfAbsent(line.path("room").asInt(), r -> new ArrayList<>())
                    .add(entry);
        }
    }

    synchronized List<Entry> answers(int unit) {
        return List.copyOf(answers.getOrDefault(unit, List.of()));
    }

    synchronized List<Entry> setpoints(int unit) {
        return List.copyOf(setpoints.getOrDefault(unit, List.of()));
    }
}
