package dev.selvage.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.util.Map;

/** What selectors ask of an object: its labels and selectable fields. */
record Marks(Map<String, String> labels, Map<String, String> fields) {
    static Marks of(String resource, ObjectNode object) {
        return new Marks(Map.copyOf(Meta.labels(object)), SelectableFields.extract(resource, object));
    }

    static Marks parse(String text) {
        ObjectNode json = Json.parseObject(text);
        return new Marks(Meta.strings(json.path("labels")), Meta.strings(json.path("fields")));
    }

    String text() {
        ObjectNode json = Json.object();
        labels.forEach(json.putObject("labels")::put);
        fields.forEach(json.putObject("fields")::put);
        return Json.text(json);
    }
}
