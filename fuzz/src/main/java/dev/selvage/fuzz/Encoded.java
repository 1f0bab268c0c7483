package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A document as bytes of some media type, clean or not. */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record Encoded(String type, byte[] bytes) {
    /** Kubernetes' envelope (runtime.Unknown): magic, then apiVersion and kind in field 1, the raw message in field 2. */
    private static final byte[] MAGIC = {'k', '8', 's', 0};

    static Encoded of(Draw draw, ObjectNode body, ObjectNode valid) {
        return switch (draw.below(8)) {
            case 0 -> new Encoded("application/yaml", yaml(draw, body));
            case 1 -> new Encoded("application/vnd.kubernetes.protobuf", protobuf(draw, valid));
            default -> new Encoded("application/json", text(draw, body));
        };
    }

    /** JSON, mostly well-formed. */
    static byte[] text(Draw draw, JsonNode node) {
        String json = node.toString();
        return switch (draw.below(14)) {
            case 0 -> Bytes.mutate(draw, json.getBytes(StandardCharsets.UTF_8));
            case 1 -> json.replaceFirst(":", ":1,\"metadata\":").getBytes(StandardCharsets.UTF_8);
            case 2 -> ("{\"a\":".repeat(draw.below(3_000)) + json).getBytes(StandardCharsets.UTF_8);
            case 3 ->
                json.replaceFirst(
                                "\\d+",
                                draw.of(List.of(
                                        "1e999",
                                        "-1e-999",
                                        "9".repeat(200),
                                        "0x1",
                                        "NaN",
                                        "1.7976931348623157e308",
                                        "00")))
                        .getBytes(StandardCharsets.UTF_8);
            case 4 ->
                json.getBytes(draw.of(
                        List.of(StandardCharsets.UTF_16, StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16LE)));
            case 5 -> ("[" + "[],".repeat(draw.below(50_000)) + "1]").getBytes(StandardCharsets.UTF_8);
            case 6 ->
                json.replaceFirst("\\{", "{" + "\"k\":1,".repeat(draw.below(20_000)))
                        .getBytes(StandardCharsets.UTF_8);
            default -> json.getBytes(StandardCharsets.UTF_8);
        };
    }

    private static byte[] yaml(Draw draw, JsonNode node) {
        String json = node.toString(); // every JSON text is YAML
        return switch (draw.below(5)) {
            case 0 -> Bytes.mutate(draw, json.getBytes(StandardCharsets.UTF_8));
            case 1 ->
                ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [" + "*c, ".repeat(draw.below(5_000)) + "*c]\n")
                        .getBytes(StandardCharsets.UTF_8);
            case 2 -> ("- ".repeat(draw.below(2_000)) + "a").getBytes(StandardCharsets.UTF_8);
            case 3 -> ("!!java.net.URL [\"http://127.0.0.1\"]\n---\n" + json).getBytes(StandardCharsets.UTF_8);
            default -> json.getBytes(StandardCharsets.UTF_8);
        };
    }

    /** An envelope around a message of the right kind with wrong bytes in it. */
    private static byte[] protobuf(Draw draw, ObjectNode valid) {
        byte[] meta = field(1, field(1, Json.textAt(valid, "metadata", "name").getBytes(StandardCharsets.UTF_8)));
        byte[] message = draw.chance(60) ? Bytes.mutate(draw, join(meta, field(2, draw.bytes(draw.below(60))))) : meta;
        byte[] type = join(
                field(1, Json.textAt(valid, "apiVersion").getBytes(StandardCharsets.UTF_8)),
                field(2, Json.textAt(valid, "kind").getBytes(StandardCharsets.UTF_8)));
        byte[] whole = join(MAGIC, field(1, type), field(2, message));
        return draw.chance(30) ? Bytes.mutate(draw, whole) : whole;
    }

    private static byte[] field(int number, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(number << 3 | 2);
        for (int size = content.length; ; size >>>= 7) {
            out.write(size > 127 ? (size & 127) | 128 : size);
            if (size <= 127) {
                break;
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] jsonPatch(Draw draw, ObjectNode object) {
        List<String> paths = new ArrayList<>(List.of(
                "", "/", "/metadata/-", "/x/y/z", "/metadata/labels/a~1b", "/~2", "/spec/containers/99999999999"));
        paths(object, "", paths);
        ArrayNode patch = JsonNodeFactory.instance.arrayNode();
        for (int n = draw.below(6); n > 0; n--) {
            patch.addObject()
                    .put("op", draw.of(List.of("add", "remove", "replace", "move", "copy", "test", "x", "")))
                    .put("path", draw.of(paths))
                    .put("from", draw.of(paths))
                    .set(
                            "value",
                            Trees.mutate(draw, object, List.of(object))
                                    .path(draw.of(List.of("metadata", "spec", "data", "kind"))));
        }
        return text(draw, patch);
    }

    private static void paths(JsonNode node, String at, List<String> found) {
        found.add(at);
        node.properties().forEach(field -> paths(field.getValue(), at + "/" + field.getKey(), found));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            paths(node.get(i), at + "/" + i, found);
        }
    }
}
