package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.Map;

/** JSON Merge Patch, RFC 7386. */
final class MergePatch {
    private MergePatch() {}

    /** Applies the patch; the target may be changed and is part of the answer. */
    static JsonNode apply(JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode changes)) {
            return patch;
        }
        ObjectNode result = target instanceof ObjectNode object ? object : Json.object();
        for (Map.Entry<String, JsonNode> change : changes.properties()) {
            if (change.getValue().isNull()) {
                result.remove(change.getKey());
            } else {
                JsonNode old = result.path(change.getKey());
                result.set(change.getKey(), apply(old, change.getValue()));
            }
        }
        return result;
    }
}
