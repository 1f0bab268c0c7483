package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** JSON Patch, RFC 6902, with the messages of the Go library that upstream uses (evanphx/json-patch). */
final class JsonPatch {
    /** Upstream's limit (MaxJSONPatchOperations). */
    private static final int MOST_OPERATIONS = 10_000;
    /** Copies may not grow a document beyond this; upstream bounds them likewise. */
    private static final int MOST_COPIES = 200;

    /** All that is copied together, in bytes (upstream's AccumulatedCopySizeLimit is likewise its body limit). */
    private static final long MOST_COPIED = 3L << 20;

    private JsonNode document;
    private int copies;
    private long copied;

    private JsonPatch(JsonNode document) {
        this.document = document;
    }

    static JsonNode apply(JsonNode target, JsonNode patch) {
        if (!(patch instanceof ArrayNode operations)) {
            throw ApiFailure.badRequest("a JSON patch is an array of operations (RFC 6902), found " + kind(patch));
        }
        if (operations.size() > MOST_OPERATIONS) {
            throw new ApiFailure(
                    413,
                    "RequestEntityTooLarge",
                    "The allowed maximum operations in a JSON patch is " + MOST_OPERATIONS + ", got "
                            + operations.size(),
                    null);
        }
        JsonPatch run = new JsonPatch(target);
        operations.forEach(run::operation);
        return run.document;
    }

    private static String kind(JsonNode node) {
        return node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    }

    private void operation(JsonNode operation) {
        String op = operation.path("op").asText("");
        List<String> path = pointer(operation.get("path"), "path");
        switch (op) {
            case "add" -> add(path, value(operation, op));
            case "remove" -> remove(path);
            case "replace" -> replace(path, value(operation, op));
            case "move" -> {
                List<String> from = pointer(operation.get("from"), "from");
                if (path.size() > from.size() && path.subList(0, from.size()).equals(from)) {
                    throw invalid("cannot move a value into itself: " + text(path));
                }
                add(path, remove(from));
            }
            case "copy" -> {
                if (++copies > MOST_COPIES) {
                    throw invalid("more than " + MOST_COPIES + " copy operations");
                }
                JsonNode source = find(pointer(operation.get("from"), "from"));
                copied += Json.bytes(source).length;
                if (copied > MOST_COPIED) {
                    throw invalid("copies of more than " + MOST_COPIED + " bytes");
                }
                add(path, source.deepCopy());
            }
            case "test" -> {
                if (!find(path).equals(value(operation, op))) {
                    throw invalid("testing path " + text(path) + " value failed");
                }
            }
            default ->
                throw ApiFailure.badRequest("unexpected kind of JSON patch operation \"" + op
                        + "\": accepted are add, remove, replace, move, copy, test");
        }
    }

    private static JsonNode value(JsonNode operation, String op) {
        JsonNode value = operation.get("value");
        if (value == null) {
            throw ApiFailure.badRequest("JSON patch operation " + op + " lacks a value");
        }
        return value.deepCopy();
    }

    /** RFC 6901. */
    private static List<String> pointer(@Nullable JsonNode node, String field) {
        String text = node == null || !node.isTextual() ? "-" : node.textValue();
        if (!text.isEmpty() && !text.startsWith("/")) {
            throw ApiFailure.badRequest("JSON patch: " + field + " must be a JSON pointer such as /metadata/labels");
        }
        List<String> parts = new ArrayList<>();
        if (!text.isEmpty()) {
            for (String part : text.substring(1).split("/", -1)) {
                parts.add(part.replace("~1", "/").replace("~0", "~"));
            }
        }
        if (parts.size() > Json.MAX_DEPTH) {
            throw ApiFailure.badRequest("JSON patch: " + field + " is deeper than " + Json.MAX_DEPTH);
        }
        return parts;
    }

    private JsonNode find(List<String> path) {
        JsonNode here = document;
        for (String part : path) {
            JsonNode next =
                    here instanceof ArrayNode array ? array.get(index(part, array.size() - 1, path)) : here.get(part);
            if (next == null) {
                throw invalid("path does not exist: " + text(path));
            }
            here = next;
        }
        return here;
    }

    private void add(List<String> path, JsonNode value) {
        if (path.isEmpty()) {
            document = value;
            return;
        }
        JsonNode parent = find(path.subList(0, path.size() - 1));
        String last = path.getLast();
        if (parent instanceof ObjectNode object) {
            object.set(last, value);
        } else if (parent instanceof ArrayNode array) {
            array.insert(last.equals("-") ? array.size() : index(last, array.size(), path), value);
        } else {
            throw invalid("path does not lead to an object or array: " + text(path));
        }
    }

    private void replace(List<String> path, JsonNode value) {
        if (path.isEmpty()) {
            document = value;
            return;
        }
        find(path);
        JsonNode parent = find(path.subList(0, path.size() - 1));
        if (parent instanceof ArrayNode array) {
            array.set(index(path.getLast(), array.size() - 1, path), value);
        } else {
            ((ObjectNode) parent).set(path.getLast(), value);
        }
    }

    private JsonNode remove(List<String> path) {
        JsonNode value = find(path);
        if (path.isEmpty()) {
            throw invalid("cannot remove the whole document");
        }
        JsonNode parent = find(path.subList(0, path.size() - 1));
        if (parent instanceof ArrayNode array) {
            array.remove(index(path.getLast(), array.size() - 1, path));
        } else {
            ((ObjectNode) parent).remove(path.getLast());
        }
        return value;
    }

    private static int index(String part, int most, List<String> path) {
        boolean number = !part.isEmpty() && part.length() < 8 && part.chars().allMatch(c -> c >= '0' && c <= '9');
        int index = number && (part.length() == 1 || part.charAt(0) != '0') ? Integer.parseInt(part) : -1;
        if (index < 0 || index > most) {
            throw invalid("index out of bounds: " + text(path));
        }
        return index;
    }

    private static String text(List<String> path) {
        return "/" + String.join("/", path);
    }

    private static ApiFailure invalid(String message) {
        return new ApiFailure(
                422, "Invalid", "the server rejected our request due to an error in our request: " + message, null);
    }
}
