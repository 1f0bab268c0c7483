package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One fault of an object, in upstream's words (k8s.io/apimachinery/pkg/util/validation/field).
 *
 * @param reason the cause's reason, for example FieldValueInvalid
 * @param field path, for example spec.containers[0].name
 */
record Problem(String reason, String field, String message) {
    static Problem required(String field, String detail) {
        return new Problem(
                "FieldValueRequired", field, detail.isEmpty() ? "Required value" : "Required value: " + detail);
    }

    static Problem invalid(String field, JsonNode value, String detail) {
        return new Problem("FieldValueInvalid", field, "Invalid value: " + shorten(value) + ": " + detail);
    }

    static Problem invalid(String field, String value, String detail) {
        return invalid(field, TextNode.valueOf(value), detail);
    }

    static Problem unsupported(String field, JsonNode value, List<String> supported) {
        String list = supported.stream().map(s -> '"' + s + '"').collect(Collectors.joining(", "));
        return new Problem(
                "FieldValueNotSupported",
                field,
                "Unsupported value: " + shorten(value) + ": supported values: " + list);
    }

    static Problem forbidden(String field, String detail) {
        return new Problem("FieldValueForbidden", field, "Forbidden: " + detail);
    }

    static Problem duplicate(String field, String value) {
        return duplicate(field, TextNode.valueOf(value));
    }

    static Problem duplicate(String field, JsonNode value) {
        return new Problem("FieldValueDuplicate", field, "Duplicate value: " + shorten(value));
    }

    static Problem tooLong(String field, String detail) {
        return new Problem("FieldValueTooLong", field, "Too long: " + detail);
    }

    static Problem tooMany(String field, int found, int most) {
        return new Problem("FieldValueTooMany", field, "Too many: " + found + ": must have at most " + most + " items");
    }

    /** Of a value that is not worth showing. */
    static Problem invalid(String field, String detail) {
        return new Problem("FieldValueInvalid", field, "Invalid value: " + detail);
    }

    /** Of a field that nothing here would heed. */
    static Problem unserved(String field) {
        return forbidden(field, "this field is not honoured here; leave it out");
    }

    static Problem wrongType(String field, String found, String accepted) {
        return new Problem(
                "FieldValueTypeInvalid",
                field,
                "Invalid value: \"" + found + "\": " + field + " in body must be of type " + accepted + ": \"" + found
                        + '"');
    }

    @Override
    public String toString() {
        return field + ": " + message;
    }

    private static String shorten(JsonNode value) {
        String text = value.isMissingNode() ? "null" : value.toString();
        return text.length() <= 256 ? text : text.substring(0, 253) + "...";
    }
}
