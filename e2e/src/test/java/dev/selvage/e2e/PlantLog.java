package dev.selvage.e2e;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The plant's own account, against which the system's is checked. */
record PlantLog(List<Line> lines) {
    record Line(long at, double temperature, boolean door, boolean compressor) {}

    static PlantLog read(Path file) {
        try (var lines = Files.lines(file)) {
            return new PlantLog(lines.map(Json::parseObject)
                    .filter(line -> line.has("temperature"))
                    .map(PlantLog::line)
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    PlantLog between(long from, long to) {
        return new PlantLog(
                lines.stream().filter(l -> l.at >= from && l.at < to).toList());
    }

    double average() {
        return lines.stream().mapToDouble(Line::temperature).average().orElseThrow();
    }

    double lowest() {
        return lines.stream().mapToDouble(Line::temperature).min().orElseThrow();
    }

    double highest() {
        return lines.stream().mapToDouble(Line::temperature).max().orElseThrow();
    }

    long switches() {
        long count = 0;
        for (int i = 1; i < lines.size(); i++) {
            count += lines.get(i).compressor != lines.get(i - 1).compressor ? 1 : 0;
        }
        return count;
    }

    private static Line line(ObjectNode json) {
        return new Line(
                json.path("t").asLong(),
                json.path("temperature").asDouble(),
                json.path("door").asBoolean(),
                json.path("compressor").asBoolean());
    }
}
