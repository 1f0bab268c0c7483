package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads resource files: YAML documents with {@code ${NAME}} placeholders. */
final class Manifests {
    private Manifests() {}

    /** Every object of a directory's YAML files, by file name, then by place in the file. */
    static List<JsonNode> read(Path directory, Map<String, String> values) {
        try (Stream<Path> files = Files.list(directory)) {
            List<JsonNode> objects = new ArrayList<>();
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
                objects.addAll(readFile(file, values));
            }
            return objects;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<JsonNode> parse(String yaml) {
        List<JsonNode> objects = new ArrayList<>();
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
            if (document != null) {
                objects.add(Json.mapper().valueToTree(document));
            }
        }
        return objects;
    }

    private static List<JsonNode> readFile(Path file, Map<String, String> values) throws IOException {
        String text = Files.readString(file);
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("${" + value.getKey() + "}", value.getValue());
        }
        try {
            return parse(text);
        } catch (YamlEngineException e) {
            throw new CommandFailed(file + ": " + e.getMessage(), e);
        }
    }
}
