package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import io.kubernetes.client.proto.Runtime;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of type application/vnd.kubernetes.protobuf: four magic bytes and a runtime.Unknown around the object
 * (k8s.io/apimachinery/pkg/runtime/serializer/protobuf). They become the JSON that the same client would have sent.
 */
final class ProtobufBody {
    private static final byte[] MAGIC = {'k', '8', 's', 0};
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ProtobufBody() {}

    /** @param descriptor finds the message of an apiVersion and kind; null if it is not served in protobuf */
    static ObjectNode parse(byte[] body, Function<List<String>, @Nullable Descriptor> descriptor) {
        if (body.length < MAGIC.length || !Arrays.equals(Arrays.copyOf(body, MAGIC.length), MAGIC)) {
            throw ApiFailure.badRequest("the body is not Kubernetes protobuf: it does not begin with \"k8s\\0\"");
        }
        try {
            Runtime.Unknown unknown =
                    Runtime.Unknown.parseFrom(bounded(body, MAGIC.length, body.length - MAGIC.length));
            String apiVersion = unknown.getTypeMeta().getApiVersion();
            String kind = unknown.getTypeMeta().getKind();
            Descriptor type = descriptor.apply(List.of(apiVersion, kind));
            if (type == null) {
                throw ApiFailure.unsupportedMediaType(
                        "no protobuf form of kind \"" + kind + "\" in version \"" + apiVersion + "\"; send JSON");
            }
            byte[] raw = unknown.getRaw().toByteArray();
            ObjectNode object = NODES.objectNode().put("apiVersion", apiVersion).put("kind", kind);
            fields(object, DynamicMessage.parseFrom(type, bounded(raw, 0, raw.length)));
            return object;
        } catch (InvalidProtocolBufferException e) {
            throw ApiFailure.badRequest("couldn't parse protobuf: " + e.getMessage());
        } catch (IOException e) {
            throw ApiFailure.badRequest("couldn't read protobuf: " + e.getMessage());
        }
    }

    private static CodedInputStream bounded(byte[] bytes, int offset, int length) {
        CodedInputStream input = CodedInputStream.newInstance(bytes, offset, length);
        input.setRecursionLimit(Json.MAX_DEPTH);
        return input;
    }

    private static void fields(ObjectNode object, Message message) {
        message.getAllFields().forEach((field, value) -> {
            if (SchemaTable.INLINE.contains(field.getName())) {
                fields(object, (Message) value);
            } else if (field.isMapField()) {
                map(object, field, (List<?>) value);
            } else if (field.isRepeated()) {
                list(object, field, (List<?>) value);
            } else {
                JsonNode node = node(field, value);
                if (node != null) {
                    object.set(field.getName(), node);
                }
            }
        });
    }

    private static void map(ObjectNode object, FieldDescriptor field, List<?> entries) {
        ObjectNode map = object.putObject(field.getName());
        FieldDescriptor keys = field.getMessageType().findFieldByName("key");
        FieldDescriptor values = field.getMessageType().findFieldByName("value");
        for (Object entry : entries) {
            Message pair = (Message) entry;
            JsonNode value = element(values, pair.getField(values));
            map.set(pair.getField(keys).toString(), value);
        }
    }

    private static void list(ObjectNode object, FieldDescriptor field, List<?> items) {
        ArrayNode list = object.putArray(field.getName());
        for (Object item : items) {
            list.add(element(field, item));
        }
    }

    private static JsonNode element(FieldDescriptor field, Object value) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE ? message((Message) value) : scalar(value);
    }

    /** Null where Go's {@code omitempty} leaves the field out. */
    private static @Nullable JsonNode node(FieldDescriptor field, Object value) {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            JsonNode node = message((Message) value);
            boolean unset = node.isNull() || (node.isTextual() && node.asText().isEmpty());
            return unset ? null : node;
        }
        boolean zero = (value instanceof String text && text.isEmpty())
                || (value instanceof Number number && number.doubleValue() == 0)
                || (value instanceof Boolean truth && !truth)
                || (value instanceof ByteString bytes && bytes.isEmpty());
        return zero && !SchemaTable.POINTERS.contains(field.getName()) ? null : scalar(value);
    }

    private static JsonNode scalar(Object value) {
        return switch (value) {
            case String text -> NODES.textNode(text);
            case Boolean truth -> NODES.booleanNode(truth);
            case Integer number -> NODES.numberNode(number);
            case Long number -> NODES.numberNode(number);
            case Double number -> NODES.numberNode(number);
            case ByteString bytes -> NODES.textNode(Base64.getEncoder().encodeToString(bytes.toByteArray()));
            default -> throw new IllegalStateException("no JSON for " + value.getClass());
        };
    }

    private static JsonNode message(Message message) {
        Descriptor type = message.getDescriptorForType();
        return switch (type.getName()) {
            case "Time", "MicroTime" -> time(message, type);
            case "Quantity" -> NODES.textNode((String) get(message, type, "string"));
            case "IntOrString" ->
                ((Number) get(message, type, "type")).intValue() == 0
                        ? NODES.numberNode(((Number) get(message, type, "intVal")).intValue())
                        : NODES.textNode((String) get(message, type, "strVal"));
            case "FieldsV1", "RawExtension" -> raw(message, type);
            case "ExtraValue" -> {
                ArrayNode items = NODES.arrayNode();
                ((List<?>) get(message, type, "items")).forEach(item -> items.add((String) item));
                yield items;
            }
            default -> {
                ObjectNode object = NODES.objectNode();
                fields(object, message);
                yield object;
            }
        };
    }

    private static Object get(Message message, Descriptor type, String field) {
        return message.getField(type.findFieldByName(field));
    }

    private static JsonNode time(Message message, Descriptor type) {
        long seconds = (Long) get(message, type, "seconds");
        int nanos = (Integer) get(message, type, "nanos");
        if ((seconds == 0 && nanos == 0) || seconds == -62_135_596_800L) { // Go's zero time
            return NODES.nullNode();
        }
        try {
            Instant time = Instant.ofEpochSecond(seconds, type.getName().equals("Time") ? 0 : nanos);
            return NODES.textNode(time.toString());
        } catch (DateTimeException e) {
            throw ApiFailure.badRequest("couldn't parse protobuf: no time " + seconds + " s");
        }
    }

    private static JsonNode raw(Message message, Descriptor type) {
        FieldDescriptor field = type.getFields().getFirst();
        byte[] bytes = ((ByteString) message.getField(field)).toByteArray();
        try {
            return bytes.length == 0 ? NODES.nullNode() : Json.parseObject(bytes);
        } catch (JsonException e) {
            throw ApiFailure.badRequest("couldn't parse protobuf: " + field.getFullName() + " holds no JSON");
        }
    }
}
