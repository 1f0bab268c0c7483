package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
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
        JsonNode template = Json.at(owner, "spec", "template");
        ObjectNode pod = Json.object().put("apiVersion", Kinds.POD.apiVersion()).put("kind", Kinds.POD.kind());
        ObjectNode meta = Meta.of(pod);
        meta.put("namespace", Meta.namespace(owner));
        meta.put("generateName", prefix(Meta.name(owner)));
        for (String field : new String[] {"labels", "annotations", "finalizers"}) {
            JsonNode value = Json.at(template, "metadata", field);
            if (!value.isEmpty()) {
                meta.set(field, value.deepCopy());
            }
        }
        own(pod, owner);
        pod.set("spec", template.path("spec").deepCopy());
        return pod;
    }

    /** A name has 63 characters at most where it becomes a label or a host name; generated ones take five more. */
    private static String prefix(String owner) {
        return owner.length() > 57 ? owner.substring(0, 57) + "-" : owner + "-";
    }

    /** Makes the owner the object's controller. */
    static void own(ObjectNode object, ObjectNode owner) {
        ArrayNode owners = Meta.of(object).withArray("ownerReferences");
        owners.addObject()
                .put("apiVersion", Json.textAt(owner, "apiVersion"))
                .put("kind", Json.textAt(owner, "kind"))
                .put("name", Meta.name(owner))
                .put("uid", Meta.uid(owner))
                .put("controller", true)
                .put("blockOwnerDeletion", true);
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
