package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** Holds a PodSpec to the table of its runtime: nothing is silently ignored. */
final class PodFields {
    private final Definitions definitions;
    private final List<Problem> problems;
    private final Map<String, Map<String, List<String>>> table;

    /** @param table of {@link PodFieldTable}, the runtime's */
    PodFields(Definitions definitions, List<Problem> problems, Map<String, Map<String, List<String>>> table) {
        this.table = table;
        this.definitions = definitions;
        this.problems = problems;
    }

    void check(ObjectNode spec, String path) {
        walk(spec, "io.k8s.api.core.v1.PodSpec", path);
    }

    private void walk(ObjectNode object, String definition, String path) {
        Map<String, List<String>> rules = table.get(definition.substring(definition.lastIndexOf('.') + 1));
        if (rules == null) {
            return; // a type all of whose fields are honoured
        }
        ObjectNode schema = definitions.get(definition);
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String place = path + "." + field.getKey();
            List<String> accepted = rules.get(field.getKey());
            if (accepted == null) {
                if (!isEmpty(field.getValue())) {
                    problems.add(Problem.unserved(place));
                }
            } else if (accepted.isEmpty()) {
                JsonNode property =
                        schema == null ? null : schema.path("properties").path(field.getKey());
                descend(field.getValue(), property == null ? "" : reference(property), place);
            } else if (isSaid(field.getValue()) && !accepted.contains(text(field.getValue()))) {
                problems.add(Problem.unsupported(place, field.getValue(), accepted));
            }
        }
    }

    private void descend(JsonNode value, String definition, String path) {
        if (definition.isEmpty()) {
            return;
        }
        if (value instanceof ObjectNode object) {
            walk(object, definition, path);
        } else if (value instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                descend(array.get(i), definition, path + "[" + i + "]");
            }
        }
    }

    private static String reference(JsonNode property) {
        JsonNode schema = property.has("items") ? property.get("items") : property;
        return schema.path("$ref").asText("");
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** false and 0 say something where another value is the only one accepted. */
    private static boolean isSaid(JsonNode value) {
        return value.isBoolean() || value.isNumber() || !isEmpty(value);
    }

    private static boolean isEmpty(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY, OBJECT -> value.isEmpty();
            case STRING -> value.textValue().isEmpty();
            case BOOLEAN -> !value.booleanValue();
            case NUMBER -> value.doubleValue() == 0;
            default -> true;
        };
    }
}
