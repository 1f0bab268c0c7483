package dev.selvage.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads hostile JSON into a tree: at most {@link Json#MAX_DEPTH} deep and of at most {@link #MAX_VALUES} values, since a tree takes many times the memory of its text;
 * remembering keys that were repeated.
 */
final class BodyParser {
    /** @param duplicates paths of keys that stand twice in one object; the last one counts */
    record Parsed(JsonNode tree, List<String> duplicates) {}

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Json.MAX_DEPTH)
                    .maxStringLength(4 << 20)
                    .maxNumberLength(64)
                    .maxNameLength(4096)
                    .build())
            .build();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** As YAML's, aliases expanded. */
    static final int MAX_VALUES = 200_000;

    private final List<String> duplicates = new ArrayList<>();
    private int values;

    private BodyParser() {}

    static Parsed json(byte[] body) {
        BodyParser reader = new BodyParser();
        try (JsonParser parser = FACTORY.createParser(body)) {
            if (parser.nextToken() == null) {
                throw ApiFailure.badRequest("the body is empty: expected a JSON object");
            }
            JsonNode tree = reader.value(parser, "");
            if (parser.nextToken() != null) {
                throw ApiFailure.badRequest("unexpected text after the JSON value");
            }
            return new Parsed(tree, reader.duplicates);
        } catch (StreamConstraintsException e) {
            throw ApiFailure.badRequest("JSON beyond the limits: " + e.getOriginalMessage());
        } catch (JsonProcessingException e) {
            throw ApiFailure.badRequest("couldn't parse JSON: " + e.getOriginalMessage() + " at line "
                    + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr());
        } catch (IOException e) { // a byte array has no other failures than malformed UTF-8 and UTF-32
            throw ApiFailure.badRequest("couldn't parse JSON: " + e.getMessage());
        }
    }

    private JsonNode value(JsonParser parser, String path) throws IOException {
        if (++values > MAX_VALUES) {
            throw ApiFailure.badRequest("JSON beyond the limits: more than " + MAX_VALUES + " values");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, path);
            case START_ARRAY -> array(parser, path);
            case VALUE_STRING -> NODES.textNode(parser.getText());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> NODES.numberNode(parser.getIntValue());
                    case LONG -> NODES.numberNode(parser.getLongValue());
                    default -> NODES.numberNode(parser.getBigIntegerValue());
                };
            case VALUE_NUMBER_FLOAT -> NODES.numberNode(finite(parser.getDoubleValue()));
            default -> throw ApiFailure.badRequest("couldn't parse JSON: unexpected " + parser.currentToken());
        };
    }

    private static double finite(double number) {
        if (Double.isInfinite(number)) {
            throw ApiFailure.badRequest("couldn't parse JSON: a number is too large");
        }
        return number;
    }

    private ObjectNode object(JsonParser parser, String path) throws IOException {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            String place = path.isEmpty() ? name : path + "." + name;
            parser.nextToken();
            if (object.replace(name, value(parser, place)) != null && duplicates.size() < 20) {
                duplicates.add(place);
            }
        }
        return object;
    }

    private ArrayNode array(JsonParser parser, String path) throws IOException {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(parser, path + "[" + array.size() + "]"));
        }
        return array;
    }
}
