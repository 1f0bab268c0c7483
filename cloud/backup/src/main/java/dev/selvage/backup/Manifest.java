package dev.selvage.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a backup says of itself, as JSON: {@code {"createdAt", "revision", "incarnation", "schema": {module: version}}}.
 *
 * @param revision of the store when it was made
 * @param schema version of each module's tables
 */
record Manifest(Instant createdAt, long revision, String incarnation, Map<String, String> schema) {
    byte[] bytes() {
        ObjectNode json = Json.object()
                .put("createdAt", createdAt.toString())
                .put("revision", revision)
                .put("incarnation", incarnation);
        ObjectNode versions = json.putObject("schema");
        schema.forEach(versions::put);
        return Json.bytes(json);
    }

    static Manifest of(byte[] bytes) {
        try {
            ObjectNode json = Json.parseObject(bytes);
            Map<String, String> schema = new LinkedHashMap<>();
            json.path("schema")
                    .properties()
                    .forEach(
                            entry -> schema.put(entry.getKey(), entry.getValue().asText()));
            return new Manifest(
                    Instant.parse(Json.textAt(json, "createdAt")),
                    json.path("revision").asLong(),
                    Json.textAt(json, "incarnation"),
                    schema);
        } catch (JsonException | DateTimeException e) {
            throw new BackupException("it is damaged: its manifest cannot be read: " + e.getMessage(), e);
        }
    }
}
