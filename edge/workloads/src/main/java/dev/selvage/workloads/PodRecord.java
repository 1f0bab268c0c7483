package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Pod;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is remembered of one pod. Touched by its worker's thread only. */
final class PodRecord {
    /** As last desired; what an orphan is stopped by. */
    Pod pod;

    final Map<String, ContainerRecord> containers = new LinkedHashMap<>();

    /** Status and time of change by condition type. */
    final Map<String, Condition> conditions = new LinkedHashMap<>();

    @Nullable
    Instant startTime;

    /** Set once the pod as a whole has ended, or must. */
    @Nullable
    Outcome outcome;

    /** The pod's address, empty while it has none. */
    String podIp = "";

    /** Of the boot in which the runs were started. */
    String bootId = "";

    record Condition(boolean status, Instant since) {}

    /** @param phase Succeeded or Failed */
    record Outcome(String phase, String reason, String message) {}

    PodRecord(Pod pod) {
        this.pod = pod;
    }

    ContainerRecord container(String name) {
        return containers.computeIfAbsent(name, ContainerRecord::new);
    }

    ObjectNode json() {
        ObjectNode json = Json.object().put("version", 1).put("bootId", bootId);
        if (!podIp.isEmpty()) {
            json.put("podIp", podIp);
        }
        json.set("pod", withoutEcho(pod.object()));
        if (startTime != null) {
            json.put("startTime", startTime.toString());
        }
        if (outcome != null) {
            json.putObject("outcome")
                    .put("phase", outcome.phase())
                    .put("reason", outcome.reason())
                    .put("message", outcome.message());
        }
        ObjectNode known = json.putObject("conditions");
        conditions.forEach((type, condition) -> known.putObject(type)
                .put("status", condition.status())
                .put("since", condition.since().toString()));
        var list = json.putArray("containers");
        containers.values().forEach(c -> list.add(c.json()));
        return json;
    }

    /** Leaves out what changes with every status we report ourselves, so that a report does not cause a write to disk. */
    private static ObjectNode withoutEcho(ObjectNode pod) {
        ObjectNode copy = pod.deepCopy();
        copy.remove("status");
        Json.child(copy, "metadata").remove(List.of("resourceVersion", "managedFields"));
        return copy;
    }

    /** @throws IllegalArgumentException when the state is not what we wrote */
    static PodRecord of(ObjectNode json) {
        if (!(json.get("pod") instanceof ObjectNode object)
                || new Pod(object).uid().isEmpty()) {
            throw new IllegalArgumentException("no pod in it");
        }
        PodRecord record = new PodRecord(new Pod(object));
        record.bootId = Json.textAt(json, "bootId");
        record.podIp = Json.textAt(json, "podIp");
        record.startTime = ContainerRecord.instant(json, "startTime");
        if (json.has("outcome")) {
            record.outcome = new Outcome(
                    Json.textAt(json, "outcome", "phase"),
                    Json.textAt(json, "outcome", "reason"),
                    Json.textAt(json, "outcome", "message"));
        }
        json.path("conditions").properties().forEach(e -> {
            Instant since = ContainerRecord.instant(e.getValue(), "since");
            if (since != null) {
                record.conditions.put(
                        e.getKey(), new Condition(e.getValue().path("status").asBoolean(), since));
            }
        });
        json.path("containers").forEach(c -> {
            ContainerRecord container = ContainerRecord.of(c);
            record.containers.put(container.name, container);
        });
        return record;
    }
}
