package dev.selvage.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** JSON trees: the form in which every resource is kept, so that unknown fields and null/absent survive (RFC 8259). */
public final class Json {
    /** Deeper documents are refused: no Kubernetes object needs more, and recursion must end. */
    public static final int MAX_DEPTH = 64;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(4 << 20)
                            .maxNumberLength(100)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    public static ObjectMapper mapper() {
        return MAPPER;
    }

    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /**
     * Parses one JSON object.
     *
     * @throws JsonException when the text is not a single well-formed object, is too deep, or repeats a key
     */
    public static ObjectNode parseObject(byte[] utf8) {
        try (JsonParser parser = MAPPER.createParser(utf8)) {
            return requireObject(MAPPER.readTree(parser), parser);
        } catch (JsonProcessingException e) {
            throw new JsonException(e.getOriginalMessage() + where(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static ObjectNode parseObject(String text) {
        return parseObject(text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new JsonException("cannot write JSON: " + e.getOriginalMessage(), e);
        }
    }

    public static String text(JsonNode node) {
        return new String(bytes(node), StandardCharsets.UTF_8);
    }

    /** The node at a path of field names, or a {@link MissingNode}: never null. */
    public static JsonNode at(JsonNode node, String... path) {
        JsonNode here = node;
        for (String field : path) {
            here = here.path(field);
        }
        return here;
    }

    /** The text at a path, or the empty string where it is absent or no text. */
    public static String textAt(JsonNode node, String... path) {
        return at(node, path).asText("");
    }

    /** The object below {@code field}, made if it is absent or of another type. */
    public static ObjectNode child(ObjectNode node, String field) {
        return node.get(field) instanceof ObjectNode present ? present : node.putObject(field);
    }

    private static ObjectNode requireObject(@Nullable JsonNode node, JsonParser parser) throws IOException {
        if (!(node instanceof ObjectNode object)) {
            throw new JsonException("expected a JSON object, found " + (node == null ? "nothing" : node.getNodeType()));
        }
        if (parser.nextToken() != null) {
            throw new JsonException("unexpected text after the JSON object");
        }
        return object;
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }
}
