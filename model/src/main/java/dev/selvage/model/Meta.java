package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads {@code metadata} of an object (upstream's ObjectMeta); absent text is the empty string. */
public final class Meta {
    private Meta() {}

    public static String name(JsonNode object) {
        return text(object, "name");
    }

    public static String namespace(JsonNode object) {
        return text(object, "namespace");
    }

    public static String uid(JsonNode object) {
        return text(object, "uid");
    }

    public static String resourceVersion(JsonNode object) {
        return text(object, "resourceVersion");
    }

    public static long generation(JsonNode object) {
        return Json.at(object, "metadata", "generation").asLong(0);
    }

    public static String creationTimestamp(JsonNode object) {
        return text(object, "creationTimestamp");
    }

    /** Empty while the object is not being deleted. */
    public static String deletionTimestamp(JsonNode object) {
        return text(object, "deletionTimestamp");
    }

    public static boolean deleting(JsonNode object) {
        return !deletionTimestamp(object).isEmpty();
    }

    public static Map<String, String> labels(JsonNode object) {
        return strings(Json.at(object, "metadata", "labels"));
    }

    public static Map<String, String> annotations(JsonNode object) {
        return strings(Json.at(object, "metadata", "annotations"));
    }

    public static List<String> finalizers(JsonNode object) {
        List<String> names = new ArrayList<>();
        Json.at(object, "metadata", "finalizers").forEach(f -> names.add(f.asText()));
        return names;
    }

    public static List<OwnerReference> ownerReferences(JsonNode object) {
        List<OwnerReference> owners = new ArrayList<>();
        Json.at(object, "metadata", "ownerReferences").forEach(o -> owners.add(OwnerReference.of(o)));
        return owners;
    }

    /** The metadata object, made if it is absent. */
    public static ObjectNode of(ObjectNode object) {
        return Json.child(object, "metadata");
    }

    /** The text members of an object, in order; others are left out. */
    public static Map<String, String> strings(JsonNode node) {
        Map<String, String> map = new LinkedHashMap<>();
        node.properties().forEach(e -> {
            if (e.getValue().isTextual()) {
                map.put(e.getKey(), e.getValue().asText());
            }
        });
        return map;
    }

    private static String text(JsonNode object, String field) {
        return Json.textAt(object, "metadata", field);
    }
}
