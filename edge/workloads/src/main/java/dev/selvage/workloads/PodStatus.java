package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.Pod;
import dev.selvage.model.PodContainer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds PodStatus (core/v1) in the kubelet's words from what is remembered of a pod. */
final class PodStatus {
    private final PodsConfig config;
    private final PodRecord record;
    private final Pod pod;
    private final Function<RunId, String> names;

    /** @param names gives a run its containerID */
    PodStatus(PodsConfig config, PodRecord record, Function<RunId, String> names) {
        this.config = config;
        this.record = record;
        this.pod = record.pod;
        this.names = names;
    }

    ObjectNode build() {
        ObjectNode status = Json.object();
        long generation = Meta.generation(pod.object());
        if (generation > 0) {
            status.put("observedGeneration", generation);
        }
        PodRecord.@Nullable Outcome outcome = stopping() ? null : record.outcome;
        String phase = outcome == null ? new Phase(record).text() : outcome.phase();
        status.put("phase", phase);
        if (outcome != null && !outcome.reason().isEmpty()) {
            status.put("reason", outcome.reason()).put("message", outcome.message());
        }
        conditions(status.putArray("conditions"), phase);
        if (record.startTime != null) {
            status.put("hostIP", config.hostIp());
            status.putArray("hostIPs").addObject().put("ip", config.hostIp());
            String podIp = pod.hostNetwork() ? config.hostIp() : record.podIp;
            if (!podIp.isEmpty()) {
                status.put("podIP", podIp);
                status.putArray("podIPs").addObject().put("ip", podIp);
            }
            status.put("startTime", time(record.startTime));
        }
        if (!pod.initContainers().isEmpty()) {
            ArrayNode init = status.putArray("initContainerStatuses");
            pod.initContainers().forEach(c -> init.add(container(c, true)));
        }
        ArrayNode containers = status.putArray("containerStatuses");
        pod.containers().forEach(c -> containers.add(container(c, false)));
        status.put("qosClass", pod.qos().text());
        return status;
    }

    /** A pod that must end has its terminal phase when its containers have ended, not before (upstream: couldHaveRunningContainers). */
    private boolean stopping() {
        return record.containers.values().stream().anyMatch(ContainerRecord::running);
    }

    private void conditions(ArrayNode conditions, String phase) {
        boolean done = phase.equals("Succeeded");
        String incomplete = names(pod.initContainers().stream().filter(c -> !initialized(c)));
        String unready = names(pod.containers().stream().filter(c -> !record(c).ready));
        boolean ready = unready.isEmpty() && incomplete.isEmpty() && !done && !phase.equals("Failed");
        String reason = done ? "PodCompleted" : phase.equals("Failed") ? "PodFailed" : "ContainersNotReady";
        String message = done || unready.isEmpty() ? "" : "containers with unready status: [" + unready + "]";
        condition(
                conditions,
                "Initialized",
                incomplete.isEmpty(),
                "ContainersNotInitialized",
                "containers with incomplete status: [" + incomplete + "]");
        condition(conditions, "Ready", ready, reason, message);
        condition(conditions, "ContainersReady", ready, reason, message);
        condition(conditions, "PodScheduled", true, "", "");
    }

    private void condition(ArrayNode conditions, String type, boolean status, String reason, String message) {
        PodRecord.Condition known = record.conditions.get(type);
        if (known == null || known.status() != status) {
            known = new PodRecord.Condition(status, config.clock().instant());
            record.conditions.put(type, known);
        }
        ObjectNode condition = conditions.addObject().put("type", type).put("status", status ? "True" : "False");
        condition.putNull("lastProbeTime").put("lastTransitionTime", time(known.since()));
        if (!status) {
            condition.put("reason", reason);
            if (!message.isEmpty()) {
                condition.put("message", message);
            }
        }
    }

    private boolean initialized(PodContainer container) {
        Observation.Exited exit = record(container).exit;
        return exit != null && exit.exitCode() == 0;
    }

    private ObjectNode container(PodContainer spec, boolean init) {
        ContainerRecord container = record(spec);
        ObjectNode status = Json.object().put("name", spec.name());
        status.set("state", state(container, init));
        status.set("lastState", Json.object());
        boolean waitsAfterEnd = container.exit != null && !container.waitingReason.isEmpty();
        Observation.Exited before = waitsAfterEnd ? container.exit : container.last;
        if (before != null) {
            ((ObjectNode) status.path("lastState"))
                    .set("terminated", terminated(container, before, container.attempt - (waitsAfterEnd ? 0 : 1)));
        }
        boolean ready = init ? initialized(spec) : container.ready;
        status.put("ready", ready)
                .put("restartCount", Math.max(0, container.attempt))
                .put("image", spec.image())
                .put("imageID", container.imageId);
        if (container.startedAt != null || container.exit != null) {
            status.put("containerID", id(container, container.attempt));
        }
        return status.put("started", container.shownRunning() && container.started);
    }

    private ObjectNode state(ContainerRecord container, boolean init) {
        ObjectNode state = Json.object();
        if (!container.waitingReason.isEmpty()) {
            ObjectNode waiting = state.putObject("waiting").put("reason", container.waitingReason);
            if (!container.waitingMessage.isEmpty()) {
                waiting.put("message", container.waitingMessage);
            }
        } else if (container.exit != null) {
            state.set("terminated", terminated(container, container.exit, container.attempt));
        } else if (container.shownRunning() && container.startedAt != null) {
            state.putObject("running").put("startedAt", time(container.startedAt));
        } else {
            boolean blocked = !init && pod.initContainers().stream().anyMatch(c -> !initialized(c));
            state.putObject("waiting").put("reason", blocked ? "PodInitializing" : "ContainerCreating");
        }
        return state;
    }

    private ObjectNode terminated(ContainerRecord container, Observation.Exited exit, int attempt) {
        ObjectNode terminated = Json.object().put("exitCode", exit.exitCode());
        if (exit.exitCode() > 128 && exit.exitCode() <= 128 + 64) {
            terminated.put("signal", exit.exitCode() - 128);
        }
        terminated.put("reason", exit.reason());
        if (!exit.message().isEmpty()) {
            terminated.put("message", exit.message());
        }
        return terminated
                .put("startedAt", time(exit.startedAt()))
                .put("finishedAt", time(exit.finishedAt()))
                .put("containerID", id(container, attempt));
    }

    private String id(ContainerRecord container, int attempt) {
        return names.apply(new RunId(pod.uid(), container.name, attempt));
    }

    private ContainerRecord record(PodContainer container) {
        return record.container(container.name());
    }

    private static String names(Stream<PodContainer> containers) {
        return containers.map(PodContainer::name).collect(Collectors.joining(" "));
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** The phase as upstream's getPhase computes it. */
    record Phase(PodRecord record) {
        String text() {
            Pod pod = record.pod;
            boolean never = pod.restartPolicy() == Pod.RestartPolicy.NEVER;
            for (PodContainer init : pod.initContainers()) {
                Observation.Exited exit = record.container(init.name()).exit;
                if (exit == null || exit.exitCode() != 0) {
                    return exit != null && never ? "Failed" : "Pending";
                }
            }
            List<ContainerRecord> all = pod.containers().stream()
                    .map(c -> record.container(c.name()))
                    .toList();
            if (all.stream().anyMatch(Phase::untried)) {
                return "Pending";
            }
            if (all.stream().anyMatch(ContainerRecord::shownRunning)) {
                return "Running";
            }
            boolean succeeded = all.stream()
                    .allMatch(c -> ended(c).map(e -> e.exitCode() == 0).orElse(false));
            return switch (pod.restartPolicy()) {
                case ALWAYS -> "Running";
                case NEVER -> succeeded ? "Succeeded" : "Failed";
                case ON_FAILURE -> succeeded ? "Succeeded" : "Running";
            };
        }

        private static boolean untried(ContainerRecord container) {
            return !container.shownRunning() && ended(container).isEmpty();
        }

        private static Optional<Observation.Exited> ended(ContainerRecord container) {
            return Optional.ofNullable(container.exit).or(() -> Optional.ofNullable(container.last));
        }
    }
}
