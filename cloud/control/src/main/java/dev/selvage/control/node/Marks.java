package dev.selvage.control.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.Taint;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;

/**
 * What an unreachable node carries: taint {@code node.kubernetes.io/unreachable:NoSchedule} and Ready=Unknown with
 * upstream's reasons. The Ready condition from before is kept in an annotation, to be put back on return.
 */
final class Marks {
    static final String STOPPED = "NodeStatusUnknown";
    static final String NEVER = "NodeStatusNeverUpdated";
    private static final Set<String> REASONS = Set.of(STOPPED, NEVER);
    private static final String BEFORE = "selvage.dev/ready-before-unreachable";

    private Marks() {}

    static boolean any(ObjectNode node) {
        return tainted(node) || silenced(node);
    }

    static boolean all(ObjectNode node) {
        return tainted(node) && silenced(node);
    }

    private static boolean tainted(ObjectNode node) {
        for (JsonNode taint : Json.at(node, "spec", "taints")) {
            if (ours(taint)) {
                return true;
            }
        }
        return false;
    }

    private static boolean silenced(ObjectNode node) {
        return Conditions.find(node, "Ready")
                .filter(ready -> Json.textAt(ready, "status").equals("Unknown"))
                .filter(ready -> REASONS.contains(Json.textAt(ready, "reason")))
                .isPresent();
    }

    private static boolean ours(JsonNode taint) {
        return Json.textAt(taint, "key").equals(Taint.UNREACHABLE)
                && Json.textAt(taint, "effect").equals(Taint.NO_SCHEDULE);
    }

    static boolean taint(ObjectNode node, Instant now) {
        if (tainted(node)) {
            return false;
        }
        ObjectNode spec = Json.child(node, "spec");
        ArrayNode taints = spec.get("taints") instanceof ArrayNode present ? present : spec.putArray("taints");
        taints.addObject()
                .put("key", Taint.UNREACHABLE)
                .put("effect", Taint.NO_SCHEDULE)
                .put("timeAdded", now.truncatedTo(ChronoUnit.SECONDS).toString());
        if (!silenced(node)) {
            Conditions.find(node, "Ready")
                    .ifPresent(ready -> Json.child(Meta.of(node), "annotations").put(BEFORE, Json.text(before(ready))));
        }
        return true;
    }

    private static ObjectNode before(JsonNode ready) {
        ObjectNode kept = Json.object();
        for (String field : List.of("status", "reason", "message")) {
            kept.put(field, Json.textAt(ready, field));
        }
        return kept;
    }

    static boolean silence(ObjectNode node, String reason, Instant now) {
        String message =
                reason.equals(NEVER) ? "The node never sent a heartbeat." : "The node stopped sending heartbeats.";
        return Conditions.set(node, "Ready", "Unknown", reason, message, now);
    }

    static boolean unsilence(ObjectNode node, Instant now) {
        if (!silenced(node)) {
            return false;
        }
        String text = Meta.annotations(node).getOrDefault(BEFORE, "");
        ObjectNode before = text.isEmpty() ? Json.object() : Json.parseObject(text);
        if (Json.textAt(before, "status").isEmpty()) {
            before.put("status", "True").put("reason", "HeartbeatsReturned");
            before.put("message", "The node sends heartbeats again.");
        }
        return Conditions.set(
                node,
                "Ready",
                Json.textAt(before, "status"),
                Json.textAt(before, "reason"),
                Json.textAt(before, "message"),
                now);
    }

    static boolean untaint(ObjectNode node) {
        if (!(Json.at(node, "spec", "taints") instanceof ArrayNode taints) || !tainted(node)) {
            return false;
        }
        for (int i = taints.size() - 1; i >= 0; i--) {
            if (ours(taints.get(i))) {
                taints.remove(i);
            }
        }
        if (taints.isEmpty()) {
            Json.child(node, "spec").remove("taints");
        }
        ObjectNode annotations = Json.child(Meta.of(node), "annotations");
        annotations.remove(BEFORE);
        if (annotations.isEmpty()) {
            Meta.of(node).remove("annotations");
        }
        return true;
    }
}
