package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Something about a node that an administrator must decide; the centre asks, one request per node and type (design "Link"). It is there as long as there is something
 * to do or to withhold.
 *
 * @param incarnation of the store that asks
 * @param nodeIncarnation that the node's slice comes from
 * @param objects those in question, {@link #MOST} at most
 * @param count how many objects are in question, listed or not
 */
public record NodeRequest(
        String nodeName,
        String type,
        String reason,
        String incarnation,
        String nodeIncarnation,
        List<Item> objects,
        int count,
        State state,
        String decidedBy) {

    /** Deletions of objects that the node holds; listed ones are released by approval. */
    public static final String RELEASE_DELETIONS = "ReleaseDeletions";

    /** A new certificate for a node that the centre has not heard of for too long. */
    public static final String RENEW_IDENTITY = "RenewIdentity";

    public static final int MOST = 1000;

    /** An object as the node holds it. */
    public record Item(ObjectKey key, String uid) {}

    public enum State {
        PENDING("Pending"),
        APPROVED("Approved"),
        DENIED("Denied");

        private final String text;

        State(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }

        /** Whatever is not decided is pending. */
        static State of(String text) {
            return text.equals(APPROVED.text) ? APPROVED : text.equals(DENIED.text) ? DENIED : PENDING;
        }
    }

    static final ObjectNode SCHEMA = Json.parseObject("""
            {
              "type": "object",
              "description": "Something about a node that an administrator must decide: selvage approve NAME, selvage deny NAME. Made and removed by the centre.",
              "required": ["spec"],
              "properties": {
                "spec": {
                  "type": "object",
                  "required": ["nodeName", "type"],
                  "properties": {
                    "nodeName": {"type": "string", "minLength": 1, "maxLength": 253, "description": "The node in question."},
                    "type": {"type": "string", "enum": ["ReleaseDeletions", "RenewIdentity"], "description": "What approval does. ReleaseDeletions: the node deletes the objects. RenewIdentity: the node gets a new certificate, once."},
                    "reason": {"type": "string", "maxLength": 128, "description": "UnknownIncarnation: the node's state comes from another incarnation of the database. MoreThanHalf: more than half of at least five objects would be deleted. OfflineTooLong: the node was not heard of for longer than max-offline-age."},
                    "message": {"type": "string", "maxLength": 1024, "description": "In words."},
                    "generation": {"type": "integer", "minimum": 0, "description": "RenewIdentity: the identity's generation."},
                    "machine": {"type": "string", "maxLength": 1024, "description": "RenewIdentity: the machine that asks, as it says of itself."},
                    "incarnation": {"type": "string", "maxLength": 128, "description": "Incarnation of the database that asks."},
                    "nodeIncarnation": {"type": "string", "maxLength": 128, "description": "Incarnation that the node's state comes from."},
                    "count": {"type": "integer", "minimum": 0, "description": "Objects in question."},
                    "objects": {
                      "type": "array", "maxItems": 1000,
                      "description": "The objects in question; approval covers those that are listed.",
                      "items": {
                        "type": "object",
                        "required": ["resource", "name"],
                        "properties": {
                          "resource": {"type": "string", "maxLength": 253, "description": "Plural with its group: pods, devices.selvage.dev."},
                          "namespace": {"type": "string", "maxLength": 253},
                          "name": {"type": "string", "maxLength": 253},
                          "uid": {"type": "string", "maxLength": 64}
                        }
                      }
                    }
                  }
                },
                "status": {
                  "type": "object",
                  "properties": {
                    "state": {"type": "string", "enum": ["Pending", "Approved", "Denied"], "description": "The decision."},
                    "decidedBy": {"type": "string", "maxLength": 253, "description": "Who decided."},
                    "at": {"type": "string", "format": "date-time", "description": "When."}
                  }
                }
              }
            }
            """);

    public NodeRequest {
        objects = List.copyOf(objects);
    }

    /** The one name that a request of this type has for this node. */
    public static ObjectKey key(String nodeName, String type) {
        return ObjectKey.cluster(
                Kinds.NODE_REQUEST,
                nodeName + "." + type.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(java.util.Locale.ROOT));
    }

    public static NodeRequest of(ObjectNode object) {
        JsonNode spec = object.path("spec");
        List<Item> items = new ArrayList<>();
        spec.path("objects")
                .forEach(item -> items.add(new Item(
                        new ObjectKey(
                                Json.textAt(item, "resource"),
                                Json.textAt(item, "namespace"),
                                Json.textAt(item, "name")),
                        Json.textAt(item, "uid"))));
        return new NodeRequest(
                Json.textAt(spec, "nodeName"),
                Json.textAt(spec, "type"),
                Json.textAt(spec, "reason"),
                Json.textAt(spec, "incarnation"),
                Json.textAt(spec, "nodeIncarnation"),
                items,
                Math.max(spec.path("count").asInt(0), items.size()),
                State.of(Json.textAt(object, "status", "state")),
                Json.textAt(object, "status", "decidedBy"));
    }

    /** Not every object in question is listed. */
    public boolean cut() {
        return count > objects.size();
    }

    /** Everything but the decision. */
    public ObjectNode spec() {
        ObjectNode spec = Json.object()
                .put("nodeName", nodeName)
                .put("type", type)
                .put("reason", reason)
                .put("incarnation", incarnation)
                .put("nodeIncarnation", nodeIncarnation)
                .put("count", count);
        ArrayNode list = spec.putArray("objects");
        objects.forEach(item -> {
            ObjectNode entry = list.addObject().put("resource", item.key().resource());
            if (!item.key().namespace().isEmpty()) {
                entry.put("namespace", item.key().namespace());
            }
            entry.put("name", item.key().name()).put("uid", item.uid());
        });
        return spec;
    }

    /** Who decided and when are cleared for a request that is pending. */
    public static void decide(ObjectNode object, State state, String by, Instant at) {
        ObjectNode status = Json.child(object, "status").put("state", state.toString());
        if (state == State.PENDING) {
            status.remove(List.of("decidedBy", "at"));
        } else {
            status.put("decidedBy", by)
                    .put("at", at.truncatedTo(ChronoUnit.SECONDS).toString());
        }
    }
}
