package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Quantity;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Walks an object beside its schema: removes nulls (null means absent), prunes unknown fields and collects what is
 * wrong. One instance checks one object.
 */
final class SchemaCheck {
    private static final int MOST_PROBLEMS = 50;
    private static final String WRONG_QUANTITY =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private final Definitions definitions;
    private final List<String> unknown = new ArrayList<>();
    private final List<String> undecodable = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    SchemaCheck(Definitions definitions) {
        this.definitions = definitions;
    }

    /** Paths of fields that the schema does not know; they are no longer in the object. */
    List<String> unknown() {
        return unknown;
    }

    /** What Go's JSON decoder would say of values of the wrong type (built-in types only). */
    List<String> undecodable() {
        return undecodable;
    }

    List<Problem> problems() {
        return problems;
    }

    /** @param goType the Go struct of a built-in kind; empty for own kinds, which get a custom resource's messages */
    void check(ObjectNode object, ObjectNode schema, String goType) {
        object(object, schema, new Place("", "", goType, goType.isEmpty()));
    }

    /** @param owner the Go struct that holds the field, or empty within an own kind's structural schema */
    private record Place(String path, String goPath, String owner, boolean own) {
        Place field(String name) {
            return new Place(
                    path.isEmpty() ? name : path + "." + name,
                    goPath.isEmpty() ? name : goPath + "." + name,
                    owner,
                    own);
        }

        Place key(String key) {
            return new Place(path + "[" + key + "]", goPath, owner, own);
        }

        Place of(String struct) {
            return new Place(path, goPath, struct, struct.isEmpty());
        }
    }

    private void value(JsonNode value, JsonNode declared, Place place) {
        if (problems.size() + unknown.size() + undecodable.size() >= MOST_PROBLEMS) {
            return;
        }
        ObjectNode schema = (ObjectNode) definitions.resolve(declared);
        if (preserves(schema) && !schema.has("properties")) {
            return;
        }
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            if (!value.isIntegralNumber() && !value.isTextual()) {
                wrongType(value, "integer,string", "intstr.IntOrString", place);
            }
            return;
        }
        switch (schema.path("type").asText("")) {
            case "object" -> {
                if (value instanceof ObjectNode object) {
                    object(object, schema, place.of(declared.has("$ref") ? structName(declared) : place.owner()));
                } else {
                    wrongType(value, "object", goObject(declared), place);
                }
            }
            case "array" -> {
                if (value instanceof ArrayNode array) {
                    array(array, schema, place);
                } else {
                    wrongType(value, "array", "[]" + goObject(schema.path("items")), place);
                }
            }
            case "string" -> string(value, schema, place);
            case "integer" -> integer(value, schema, place);
            case "number" -> {
                if (value.isNumber()) {
                    range(value, schema, place);
                } else {
                    wrongType(value, "number", "float64", place);
                }
            }
            case "boolean" -> {
                if (!value.isBoolean()) {
                    wrongType(value, "boolean", "bool", place);
                }
            }
            default -> {} // no type said: anything goes
        }
        allowed(value, schema, place);
    }

    private void object(ObjectNode object, ObjectNode schema, Place place) {
        JsonNode properties = schema.path("properties");
        JsonNode others = schema.path("additionalProperties");
        boolean free = preserves(schema) || (properties.isMissingNode() && others.isMissingNode() && !place.own());
        for (Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            JsonNode property = properties.get(field.getKey());
            if (property == null && !others.isObject()) {
                if (!free && !others.asBoolean()) {
                    unknown.add(place.field(field.getKey()).path());
                    fields.remove();
                }
            } else if (field.getValue().isNull()) {
                fields.remove();
            } else if (property != null) {
                value(field.getValue(), property, place.field(field.getKey()));
            } else {
                value(field.getValue(), others, place.key(field.getKey()));
            }
        }
        for (JsonNode required : schema.path("required")) {
            JsonNode found = object.get(required.asText());
            if (found == null
                    || (!place.own() && found.isTextual() && found.asText().isEmpty())) {
                problems.add(Problem.required(place.field(required.asText()).path(), ""));
            }
        }
        size(object.size(), schema, "minProperties", "maxProperties", "properties", object, place);
    }

    private static boolean preserves(ObjectNode schema) {
        return schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
    }

    private void array(ArrayNode array, ObjectNode schema, Place place) {
        for (int i = 0; i < array.size(); i++) {
            JsonNode item = array.get(i);
            if (item.isNull()) {
                wrongType(item, "object", "null", place.key(Integer.toString(i)));
            } else {
                value(item, schema.path("items"), place.key(Integer.toString(i)));
            }
        }
        size(array.size(), schema, "minItems", "maxItems", "items", array, place);
    }

    private void string(JsonNode value, ObjectNode schema, Place place) {
        String format = schema.path("format").asText("");
        if (format.equals("int-or-string") && value.isIntegralNumber()) {
            return;
        }
        if (format.equals("quantity") && value.isNumber()) {
            return;
        }
        if (!value.isTextual()) {
            wrongType(value, "string", "string", place);
            return;
        }
        String text = value.textValue();
        switch (format) {
            case "byte" -> {
                try {
                    Base64.getDecoder().decode(text);
                } catch (IllegalArgumentException e) {
                    undecodable.add("illegal base64 data in " + place.path() + ": " + e.getMessage());
                }
            }
            case "date-time" -> {
                try {
                    OffsetDateTime.parse(text);
                } catch (DateTimeException e) {
                    undecodable.add("parsing time \"" + text + "\" in " + place.path()
                            + ": found no RFC 3339 time such as 2026-01-02T15:04:05Z");
                }
            }
            case "quantity" -> {
                if (Quantity.parse(text).isEmpty()) {
                    undecodable.add(WRONG_QUANTITY + ", found \"" + text + "\" in " + place.path());
                }
            }
            default -> {
                pattern(text, value, schema, place);
                size(
                        text.codePointCount(0, text.length()),
                        schema,
                        "minLength",
                        "maxLength",
                        "chars long",
                        value,
                        place);
            }
        }
    }

    private void pattern(String text, JsonNode value, ObjectNode schema, Place place) {
        JsonNode pattern = schema.get("pattern");
        if (pattern == null || text.length() > 4096) {
            return;
        }
        try {
            if (!Pattern.compile(pattern.asText()).matcher(text).find()) {
                problems.add(Problem.invalid(
                        place.path(), value, place.path() + " in body should match '" + pattern.asText() + "'"));
            }
        } catch (PatternSyntaxException e) {
            throw new IllegalStateException("schema pattern of " + place.path(), e);
        }
    }

    private void integer(JsonNode value, ObjectNode schema, Place place) {
        String format = schema.path("format").asText("int64");
        if (!value.isIntegralNumber()) {
            wrongType(value, "integer", format, place);
        } else if (format.equals("int32") ? !value.canConvertToInt() : !value.canConvertToLong()) {
            if (place.own()) {
                problems.add(Problem.invalid(place.path(), value, place.path() + " in body must be of type " + format));
            } else {
                wrongType(value, "integer", format, place);
            }
        } else {
            range(value, schema, place);
        }
    }

    private void range(JsonNode value, ObjectNode schema, Place place) {
        JsonNode least = schema.get("minimum");
        JsonNode most = schema.get("maximum");
        if (least != null && value.decimalValue().compareTo(least.decimalValue()) < 0) {
            problems.add(Problem.invalid(
                    place.path(), value, place.path() + " in body should be greater than or equal to " + least));
        }
        if (most != null && value.decimalValue().compareTo(most.decimalValue()) > 0) {
            problems.add(Problem.invalid(
                    place.path(), value, place.path() + " in body should be less than or equal to " + most));
        }
    }

    private void size(
            int found, ObjectNode schema, String least, String most, String unit, JsonNode value, Place place) {
        if (schema.has(least) && found < schema.get(least).asInt()) {
            problems.add(Problem.invalid(
                    place.path(),
                    value,
                    place.path() + " in body should be at least "
                            + schema.get(least).asInt() + " " + unit));
        }
        if (schema.has(most) && found > schema.get(most).asInt()) {
            problems.add(new Problem(
                    "FieldValueTooLong",
                    place.path(),
                    "Too long: may not be more than " + schema.get(most).asInt() + " " + unit));
        }
    }

    private void allowed(JsonNode value, ObjectNode schema, Place place) {
        JsonNode values = schema.get("enum");
        if (values == null || !value.isValueNode()) {
            return;
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode candidate : values) {
            if (candidate.equals(value)) {
                return;
            }
            texts.add(candidate.asText());
        }
        boolean unset = !place.own() && value.asText().isEmpty();
        if (!unset) {
            problems.add(Problem.unsupported(place.path(), value, texts));
        }
    }

    private void wrongType(JsonNode value, String accepted, String goType, Place place) {
        if (place.own()) {
            problems.add(Problem.wrongType(place.path(), jsonType(value), accepted));
        } else {
            String found = value.isNumber() ? "number" : value.isBoolean() ? "bool" : jsonType(value);
            undecodable.add("json: cannot unmarshal " + found + (value.isNumber() ? " " + value : "")
                    + " into Go struct field " + place.owner() + "." + place.goPath() + " of type " + goType);
        }
    }

    private static String jsonType(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT, POJO -> "object";
            case ARRAY -> "array";
            case STRING, BINARY -> "string";
            case BOOLEAN -> "boolean";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case NULL, MISSING -> "null";
        };
    }

    private static String structName(JsonNode declared) {
        String name = declared.path("$ref").asText();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static String goObject(JsonNode declared) {
        @Nullable JsonNode reference = declared.get("$ref");
        if (reference == null) {
            return declared.path("type").asText("").equals("object") ? "map[string]string" : "string";
        }
        String name = reference.asText();
        return "v1." + name.substring(name.lastIndexOf('.') + 1);
    }
}
