package dev.selvage.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** JSON trees: the form in which every resource is kept, so that unknown fields and null/absent survive (RFC 8259). */
public final class Json {
    /** Deeper documents are refused: no Kubernetes object needs more, and recursion must end. */
    public static final int MAX_DEPTH = 64;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(4 << 20)
                    .maxNumberLength(100)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // by default each thread keeps buffers of its own: 16 KiB for every virtual thread that once read or wrote
            .recyclerPool(JsonRecyclerPools.newBoundedPool(16))
            .build();

    private Json() {}

    /** Made only where it is asked for: its classes would cost a node 3 MiB. */
    private static final class Mapper {
        static final ObjectMapper MAPPER = JsonMapper.builder(FACTORY)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    /** For what trees alone do not do. Nothing on the edge uses it. */
    public static ObjectMapper mapper() {
        return Mapper.MAPPER;
    }

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /** The scalar of a Long, Integer, Double, Boolean or null; the text of anything else. */
    public static JsonNode scalar(@Nullable Object value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (value) {
            case null -> nodes.nullNode();
            case JsonNode node -> node;
            case Long number -> nodes.numberNode(number.longValue());
            case Integer number -> nodes.numberNode(number.intValue());
            case Number number -> nodes.numberNode(number.doubleValue());
            case Boolean bool -> nodes.booleanNode(bool);
            default -> nodes.textNode(value.toString());
        };
    }

    /** A whole number as {@link #parseObject} reads it, so that it equals itself once it has been stored. */
    public static JsonNode whole(long number) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return number == (int) number ? nodes.numberNode((int) number) : nodes.numberNode(number);
    }

    /** Whether two trees are the same document: a number is the same whatever width it is kept in. */
    public static boolean same(JsonNode one, JsonNode other) {
        return one.equals(Json::difference, other);
    }

    /** Of leaves; only zero counts. */
    private static int difference(JsonNode one, JsonNode other) {
        boolean same = (one.isIntegralNumber() && other.isIntegralNumber())
                ? one.bigIntegerValue().equals(other.bigIntegerValue())
                : one.equals(other);
        return same ? 0 : 1;
    }

    /**
     * Parses one JSON object.
     *
     * @throws JsonException when the text is not a single well-formed object, is too deep, or repeats a key
     */
    public static ObjectNode parseObject(byte[] utf8) {
        return parse(utf8, ObjectNode.class, "object");
    }

    /**
     * Parses one JSON array.
     *
     * @throws JsonException when the text is not a single well-formed array, is too deep, or repeats a key
     */
    public static ArrayNode parseArray(byte[] utf8) {
        return parse(utf8, ArrayNode.class, "array");
    }

    private static <T extends JsonNode> T parse(byte[] utf8, Class<T> wanted, String what) {
        try (JsonParser parser = FACTORY.createParser(utf8)) {
            JsonNode node = JsonTrees.read(parser);
            if (!wanted.isInstance(node)) {
                throw new JsonException("expected a JSON " + what + ", found " + node.getNodeType());
            }
            if (parser.nextToken() != null) {
                throw new JsonException("unexpected text after the JSON " + what);
            }
            return wanted.cast(node);
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
        var out = new ByteArrayOutputStream();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            JsonTrees.write(node, generator);
        } catch (JsonProcessingException e) {
            throw new JsonException("cannot write JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** For people: a field a line. */
    public static String pretty(JsonNode node) {
        var out = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(out)) {
            JsonTrees.write(node, generator.useDefaultPrettyPrinter());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
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

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }
}
