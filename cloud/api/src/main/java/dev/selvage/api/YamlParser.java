package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads one hostile YAML 1.2 document into a JSON tree: no repeated keys, no custom tags, bounded depth, and a bound on
 * the expanded size, so that aliases cannot multiply it.
 */
final class YamlParser {
    private static final int MOST_NODES = 200_000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private int nodes;

    private YamlParser() {}

    static JsonNode parse(byte[] body) {
        LoadSettings settings = LoadSettings.builder()
                .setAllowDuplicateKeys(false)
                .setAllowRecursiveKeys(false)
                .setMaxAliasesForCollections(50)
                .setCodePointLimit(4 << 20)
                .setSchema(new CoreSchema())
                .build();
        try {
            Object document = new Load(settings).loadFromString(new String(body, StandardCharsets.UTF_8));
            return new YamlParser().node(document, 0);
        } catch (YamlEngineException | ClassCastException e) {
            throw ApiFailure.badRequest("error parsing YAML: " + e.getMessage());
        } catch (StackOverflowError e) {
            throw ApiFailure.badRequest("error parsing YAML: nested too deeply");
        }
    }

    private JsonNode node(@Nullable Object value, int depth) {
        if (depth > Json.MAX_DEPTH) {
            throw ApiFailure.badRequest("error parsing YAML: nested deeper than " + Json.MAX_DEPTH);
        }
        if (++nodes > MOST_NODES) {
            throw ApiFailure.badRequest("error parsing YAML: more than " + MOST_NODES + " values, aliases included");
        }
        return switch (value) {
            case null -> NODES.nullNode();
            case Map<?, ?> map -> object(map, depth);
            case List<?> list -> array(list, depth);
            case String text -> NODES.textNode(text);
            case Boolean truth -> NODES.booleanNode(truth);
            case Integer number -> NODES.numberNode(number);
            case Long number -> NODES.numberNode(number);
            case BigInteger number -> NODES.numberNode(number);
            case Double number when Double.isFinite(number) -> NODES.numberNode(number);
            default -> throw ApiFailure.badRequest("error parsing YAML: a value that JSON cannot hold, found " + value);
        };
    }

    private ObjectNode object(Map<?, ?> map, int depth) {
        ObjectNode object = NODES.objectNode();
        map.forEach((key, value) -> {
            if (key == null || key instanceof Map || key instanceof List) {
                throw ApiFailure.badRequest("error parsing YAML: keys must be text, found " + key);
            }
            object.set(key.toString(), node(value, depth + 1));
        });
        return object;
    }

    private ArrayNode array(List<?> list, int depth) {
        ArrayNode array = NODES.arrayNode();
        list.forEach(item -> array.add(node(item, depth + 1)));
        return array;
    }
}
