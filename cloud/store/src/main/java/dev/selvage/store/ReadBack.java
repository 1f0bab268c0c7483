package dev.selvage.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.util.Map;
import java.util.Optional;

/**
 * Whether an object that is written can be read again. The parser's limits count from the document's root, so that a part which was read within
 * them may exceed them inside of another; one such object in the database would keep every process from loading it.
 */
final class ReadBack {
    /** Of one field's name; Jackson reads up to 50,000 characters. */
    private static final int MAX_NAME = 4096;

    private ReadBack() {}

    /** What is wrong with the object; empty when it can be read again. */
    static Optional<String> fault(JsonNode object) {
        return fault(object, 1);
    }

    private static Optional<String> fault(JsonNode node, int depth) {
        if (!node.isContainerNode()) {
            return Optional.empty();
        }
        if (depth > Json.MAX_DEPTH) {
            return Optional.of("object is nested deeper than " + Json.MAX_DEPTH + " levels");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (field.getKey().length() > MAX_NAME) {
                return Optional.of("a field's name is too long: found "
                        + field.getKey().length() + " characters, accepted are " + MAX_NAME);
            }
        }
        for (JsonNode child : node) {
            Optional<String> fault = fault(child, depth + 1);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }
}
