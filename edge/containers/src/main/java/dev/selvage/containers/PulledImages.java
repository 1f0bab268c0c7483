package dev.selvage.containers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.files.DurableFile;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The file in which it is noted what the agent has pulled: of each image, by name, milliseconds of its last use. */
final class PulledImages {
    /** Precise enough, and not a write each minute. */
    private static final long HOUR = 3_600_000;

    private final Path file;
    private String saved = "";

    PulledImages(Path file) {
        this.file = file;
    }

    /** @throws IOException also when the file is no JSON */
    Map<String, Long> read() throws IOException {
        Map<String, Long> lastUsed = new TreeMap<>();
        try {
            if (Files.exists(file)) {
                Json.parseObject(Files.readAllBytes(file))
                        .properties()
                        .forEach(e -> lastUsed.put(e.getKey(), e.getValue().asLong()));
            }
        } catch (JsonException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        return lastUsed;
    }

    void save(Map<String, Long> lastUsed) throws IOException {
        ObjectNode json = Json.object();
        lastUsed.forEach((name, millis) -> json.put(name, millis - millis % HOUR));
        String text = Json.text(json);
        if (!text.equals(saved)) {
            DurableFile.replacePrivate(file, Json.bytes(json));
            saved = text;
        }
    }
}
