package dev.selvage.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import java.util.List;
import java.util.Map;

/** An object in the watch cache: its bytes, and what selectors ask for, so that no tree is kept. */
record Entry(Stored stored, Map<String, String> labels, Map<String, String> fields, List<String> owners) {
    static Entry of(Stored stored) {
        ObjectNode object = Json.parseObject(stored.json());
        return new Entry(
                stored,
                Map.copyOf(Meta.labels(object)),
                SelectableFields.extract(stored.key().resource(), object),
                Meta.ownerReferences(object).stream().map(OwnerReference::uid).toList());
    }

    ObjectKey key() {
        return stored.key();
    }

    String field(String path) {
        return switch (path) {
            case "metadata.name" -> key().name();
            case "metadata.namespace" -> key().namespace();
            default -> fields.getOrDefault(path, "");
        };
    }
}
