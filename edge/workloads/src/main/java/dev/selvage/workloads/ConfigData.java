package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** The bytes in a ConfigMap or Secret (core/v1) by key. */
final class ConfigData {
    private ConfigData() {}

    static Map<String, byte[]> of(ObjectNode object) {
        Map<String, byte[]> data = new TreeMap<>();
        boolean secret = Json.textAt(object, "kind").equals("Secret");
        object.path("data")
                .properties()
                .forEach(e -> data.put(
                        e.getKey(),
                        secret
                                ? decoded(e.getValue().asText())
                                : e.getValue().asText().getBytes(StandardCharsets.UTF_8)));
        object.path("binaryData")
                .properties()
                .forEach(e -> data.put(e.getKey(), decoded(e.getValue().asText())));
        return data;
    }

    /** Admission has seen that it is base64; what still is not counts as empty. */
    private static byte[] decoded(String text) {
        try {
            return Base64.getMimeDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }
}
