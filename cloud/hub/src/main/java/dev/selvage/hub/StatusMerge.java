package dev.selvage.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Puts a node's report into an object's status. The report replaces the status, except what others write there: conditions of types that the report does not name
 * (PodScheduled, Linked), fields that the centre sets once, and in a Stream the entries of other nodes.
 */
final class StatusMerge {
    private static final List<String> KEPT = List.of("qosClass", "startTime", "nominatedNodeName");

    private StatusMerge() {}

    static ObjectNode into(ObjectNode object, ObjectKey key, String node, ObjectNode report) {
        if (key.resource().equals(Kinds.STREAM.id())) {
            streamEntry(Json.child(object, "status"), node, report);
            return object;
        }
        ObjectNode before = Json.child(object, "status");
        ObjectNode after = report.deepCopy();
        for (String field : KEPT) {
            if (before.has(field) && !after.has(field)) {
                after.set(field, before.get(field));
            }
        }
        conditions(before, after);
        object.set("status", after);
        return object;
    }

    private static void conditions(ObjectNode before, ObjectNode after) {
        if (before.path("conditions").isEmpty()) {
            return;
        }
        ArrayNode conditions = after.withArray("conditions");
        Set<String> named = new HashSet<>();
        conditions.forEach(c -> named.add(c.path("type").asText("")));
        for (JsonNode condition : before.path("conditions")) {
            if (!named.contains(condition.path("type").asText(""))) {
                conditions.add(condition);
            }
        }
    }

    private static void streamEntry(ObjectNode status, String node, ObjectNode report) {
        ArrayNode entries = status.withArray("nodes");
        ObjectNode entry = report.deepCopy();
        entry.put("name", node);
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).path("name").asText("").equals(node)) {
                entries.set(i, entry);
                return;
            }
        }
        entries.add(entry);
    }
}
