package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;

/** An owner of an object: when no owner is left, the object is garbage (upstream's OwnerReference). */
public record OwnerReference(
        String apiVersion, String kind, String name, String uid, boolean controller, boolean blockOwnerDeletion) {
    static OwnerReference of(JsonNode node) {
        return new OwnerReference(
                Json.textAt(node, "apiVersion"),
                Json.textAt(node, "kind"),
                Json.textAt(node, "name"),
                Json.textAt(node, "uid"),
                node.path("controller").asBoolean(false),
                node.path("blockOwnerDeletion").asBoolean(false));
    }
}
