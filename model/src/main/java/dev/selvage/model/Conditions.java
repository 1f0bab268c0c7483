package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Reads and writes {@code status.conditions}; one entry per type (upstream API conventions, "Typical status properties"). */
public final class Conditions {
    private Conditions() {}

    public static Optional<JsonNode> find(ObjectNode object, String type) {
        for (JsonNode condition : object.path("status").path("conditions")) {
            if (condition.path("type").asText("").equals(type)) {
                return Optional.of(condition);
            }
        }
        return Optional.empty();
    }

    /** The status of a condition, or "" where the object has none of that type. */
    public static String status(ObjectNode object, String type) {
        return find(object, type).map(c -> c.path("status").asText("")).orElse("");
    }

    /**
     * Sets one condition; {@code lastTransitionTime} moves only when {@code status} changes, as upstream demands.
     *
     * @return whether anything changed
     */
    public static boolean set(
            ObjectNode object, String type, String status, String reason, String message, Instant now) {
        ObjectNode condition = entry(conditions(object), type);
        boolean moved = !condition.path("status").asText("").equals(status);
        boolean same = !moved
                && condition.path("reason").asText("").equals(reason)
                && condition.path("message").asText("").equals(message);
        if (same) {
            return false;
        }
        condition.put("status", status);
        if (moved || !condition.has("lastTransitionTime")) {
            condition.put(
                    "lastTransitionTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
        }
        condition.put("reason", reason);
        condition.put("message", message);
        return true;
    }

    /** Takes a condition away; returns whether it was there. An empty list goes with its last entry. */
    public static boolean remove(ObjectNode object, String type) {
        if (!(object.path("status").get("conditions") instanceof ArrayNode conditions)) {
            return false;
        }
        boolean removed = false;
        for (int i = conditions.size() - 1; i >= 0; i--) {
            if (conditions.get(i).path("type").asText("").equals(type)) {
                conditions.remove(i);
                removed = true;
            }
        }
        if (removed && conditions.isEmpty()) {
            Json.child(object, "status").remove("conditions");
        }
        return removed;
    }

    private static ArrayNode conditions(ObjectNode object) {
        ObjectNode status = Json.child(object, "status");
        return status.get("conditions") instanceof ArrayNode present ? present : status.putArray("conditions");
    }

    private static ObjectNode entry(ArrayNode conditions, String type) {
        for (JsonNode condition : conditions) {
            if (condition instanceof ObjectNode found
                    && found.path("type").asText("").equals(type)) {
                return found;
            }
        }
        return conditions.addObject().put("type", type);
    }
}
