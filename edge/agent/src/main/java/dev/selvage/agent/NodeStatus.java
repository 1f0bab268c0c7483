package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.containers.ContainerRuntime;
import dev.selvage.model.Conditions;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.workloads.PodRuntime;
import dev.selvage.workloads.RuntimeFeatures;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Composes the Node's status: facts, runtimes, conditions. Keeps the conditions, so that their transition times are right. Not thread-safe. */
final class NodeStatus {
    private static final double DISK_PRESSURE_PERCENT = 90;
    private static final double MEMORY_PRESSURE_PERCENT = 95;

    private final ObjectNode facts;
    private final ObjectNode conditions = Json.object();

    NodeStatus(ObjectNode facts) {
        this.facts = facts;
    }

    /**
     * @param metrics of {@link NodeMetrics}
     * @param faults what does not work, in words; the node is Ready all the same: it goes on with what works
     */
    ObjectNode compose(List<PodRuntime> runtimes, Map<String, Double> metrics, List<String> faults, Instant now) {
        ObjectNode status = facts.deepCopy();
        runtimes(status.putArray("runtimeHandlers"), runtimes);
        status.putObject(CronRuns.FEATURES).put(CronRuns.FEATURE, true);
        engine(status, runtimes, now);
        set("Ready", true, "AgentReady", "the agent runs", now);
        set(
                "MemoryPressure",
                metrics.getOrDefault("memory_percent", 0.0) > MEMORY_PRESSURE_PERCENT,
                "Memory",
                "memory in use above " + (int) MEMORY_PRESSURE_PERCENT + " % means pressure",
                now);
        set(
                "DiskPressure",
                metrics.getOrDefault("disk_percent", 0.0) > DISK_PRESSURE_PERCENT,
                "Disk",
                "the agent's disk in use above " + (int) DISK_PRESSURE_PERCENT + " % means pressure",
                now);
        limits(runtimes, now);
        set(
                "PartsWorking",
                faults.isEmpty(),
                faults.isEmpty() ? "AllWork" : "PartsFail",
                faults.isEmpty() ? "every part of the agent works" : bounded(String.join("; ", faults)),
                now);
        status.set("conditions", Json.at(conditions, "status", "conditions").deepCopy());
        return status;
    }

    private static void runtimes(ArrayNode handlers, List<PodRuntime> runtimes) {
        for (PodRuntime runtime : runtimes) {
            if (runtime.features().unavailable().isEmpty()) {
                handlers.addObject().put("name", runtime.name());
            }
        }
    }

    /** The engine of containers, where the node has met one: what nodeInfo names it, which images it holds, whether it answers. */
    private void engine(ObjectNode status, List<PodRuntime> runtimes, Instant now) {
        for (PodRuntime runtime : runtimes) {
            RuntimeFeatures features = runtime.features();
            if (!runtime.name().equals(ContainerRuntime.NAME)
                    || features.version().isEmpty()) {
                continue;
            }
            Json.child(status, "nodeInfo").put("containerRuntimeVersion", features.version());
            ArrayNode images = status.putArray("images");
            runtime.images().forEach(image -> {
                ObjectNode entry = images.addObject();
                image.names().forEach(entry.putArray("names")::add);
                entry.put("sizeBytes", image.bytes());
            });
            Optional<String> away = features.unavailable();
            set(
                    "ContainerEngineReady",
                    away.isEmpty(),
                    away.isEmpty() ? "EngineAnswers" : "EngineAway",
                    away.map(NodeStatus::bounded).orElse("the container engine answers"),
                    now);
        }
    }

    private void limits(List<PodRuntime> runtimes, Instant now) {
        Optional<String> missing = runtimes.stream()
                .map(PodRuntime::features)
                .map(RuntimeFeatures::limitsNotEnforced)
                .flatMap(Optional::stream)
                .findFirst();
        set(
                "LimitsEnforced",
                missing.isEmpty(),
                missing.isEmpty() ? "Cgroups" : "NoCgroups",
                missing.orElse("CPU and memory limits of pods are enforced by cgroups"),
                now);
    }

    private void set(String type, boolean holds, String reason, String message, Instant now) {
        Conditions.set(conditions, type, holds ? "True" : "False", reason, message, now);
    }

    private static String bounded(String text) {
        return text.length() <= 1000 ? text : text.substring(0, 1000) + " …";
    }
}
