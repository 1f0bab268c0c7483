package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.PodDraft;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** The pods that a template describes (upstream's PodTemplateSpec). */
final class PodTemplate {
    static final String HASH = "pod-template-hash";
    /** Upstream's: no vowels and no look-alikes, so that no words come about. */
    private static final String SAFE = "bcdfghjklmnpqrstvwxz2456789";

    private PodTemplate() {}

    /** A pod without a name, owned by the workload that has the template. */
    static ObjectNode pod(ObjectNode owner) {
        return PodDraft.of(owner);
    }

    /** Makes the owner the object's controller. */
    static void own(ObjectNode object, ObjectNode owner) {
        PodDraft.own(object, owner);
    }

    /** Whether two templates describe the same pods; the label that tells revisions apart is no part of it. */
    static boolean same(JsonNode one, JsonNode other) {
        return withoutHash(one).equals(withoutHash(other));
    }

    private static JsonNode withoutHash(JsonNode template) {
        JsonNode copy = template.deepCopy();
        if (Json.at(copy, "metadata", "labels") instanceof ObjectNode labels) {
            labels.remove(HASH);
        }
        if (copy.path("metadata") instanceof ObjectNode meta) {
            meta.remove("creationTimestamp");
        }
        return copy;
    }

    /** Names a revision: the same for the same template however its fields are ordered. */
    static String hash(JsonNode template, int collisions) {
        long hash = 0x811c9dc5L; // FNV-1a, 32 bits
        byte[] bytes = (sorted(template) + "/" + collisions).getBytes(StandardCharsets.UTF_8);
        for (byte b : bytes) {
            hash = ((hash ^ (b & 0xff)) * 0x01000193L) & 0xffffffffL;
        }
        StringBuilder text = new StringBuilder();
        for (char digit : Long.toString(hash).toCharArray()) {
            text.append(SAFE.charAt((digit - '0') % SAFE.length()));
        }
        return text.toString();
    }

    private static String sorted(JsonNode node) {
        if (node instanceof ObjectNode object) {
            Map<String, String> fields = new TreeMap<>();
            object.properties().forEach(e -> fields.put(e.getKey(), sorted(e.getValue())));
            return fields.toString();
        }
        if (node instanceof ArrayNode array) {
            StringBuilder list = new StringBuilder("[");
            array.forEach(item -> list.append(sorted(item)).append(','));
            return list.append(']').toString();
        }
        return node.toString();
    }
}
