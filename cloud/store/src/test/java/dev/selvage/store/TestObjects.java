package dev.selvage.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.util.function.UnaryOperator;

/** Objects for tests. */
final class TestObjects {
    private TestObjects() {}

    static ObjectNode configMap(String name, String value) {
        ObjectNode object = object(Kinds.CONFIG_MAP, name);
        object.putObject("data").put("value", value);
        return object;
    }

    static ObjectNode pod(String name, String node) {
        ObjectNode object = object(Kinds.POD, name);
        ObjectNode spec = object.putObject("spec");
        if (!node.isEmpty()) {
            spec.put("nodeName", node);
        }
        return object;
    }

    static ObjectNode object(Kind kind, String name) {
        ObjectNode object = Json.object();
        object.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        ObjectNode metadata = object.putObject("metadata");
        metadata.put("name", name);
        if (kind.namespaced()) {
            metadata.put("namespace", "default");
        }
        return object;
    }

    static ObjectKey key(Kind kind, String name) {
        return ObjectKey.of(kind, "default", name);
    }

    static UnaryOperator<ObjectNode> label(String key, String value) {
        return object -> {
            Json.child(Json.child(object, "metadata"), "labels").put(key, value);
            return object;
        };
    }

    static UnaryOperator<ObjectNode> data(String value) {
        return object -> {
            Json.child(object, "data").put("value", value);
            return object;
        };
    }

    static Stored committed(Outcome outcome) {
        if (outcome instanceof Outcome.Committed committed) {
            return committed.stored();
        }
        throw new AssertionError("expected Committed, got " + outcome);
    }
}
