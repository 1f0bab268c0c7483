package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;

/** READY, STATUS and RESTARTS of a pod, as upstream's printPod derives them. */
final class PodColumns {
    private PodColumns() {}

    static String ready(ObjectNode pod) {
        int ready = 0;
        for (JsonNode status : pod.path("status").path("containerStatuses")) {
            ready += status.path("ready").asBoolean() ? 1 : 0;
        }
        return ready + "/" + pod.path("spec").path("containers").size();
    }

    static String restarts(ObjectNode pod) {
        int restarts = 0;
        String last = "";
        for (String list : new String[] {"initContainerStatuses", "containerStatuses"}) {
            for (JsonNode status : pod.path("status").path(list)) {
                restarts += status.path("restartCount").asInt();
                String finished = Json.textAt(status, "lastState", "terminated", "finishedAt");
                last = finished.compareTo(last) > 0 ? finished : last;
            }
        }
        return restarts == 0 || last.isEmpty()
                ? Integer.toString(restarts)
                : restarts + " (" + Ages.since(last) + " ago)";
    }

    static String status(ObjectNode pod) {
        if (Meta.deleting(pod)) {
            return unlinked(pod) ? "Terminating (unlinked)" : "Terminating";
        }
        String initialising = initialising(pod);
        String reason = initialising.isEmpty() ? running(pod) : initialising;
        return unlinked(pod) ? reason + " (unlinked)" : reason;
    }

    /** The node cannot be reached: the pod most likely goes on as it was, and nobody here knows. */
    private static boolean unlinked(ObjectNode pod) {
        for (JsonNode condition : pod.path("status").path("conditions")) {
            if (condition.path("type").asText().equals("Linked")) {
                return !condition.path("status").asText().equals("True");
            }
        }
        return false;
    }

    private static String initialising(ObjectNode pod) {
        JsonNode statuses = pod.path("status").path("initContainerStatuses");
        for (int i = 0; i < statuses.size(); i++) {
            JsonNode state = statuses.get(i).path("state");
            JsonNode terminated = state.path("terminated");
            if (terminated.isObject()) {
                if (terminated.path("exitCode").asInt() == 0) {
                    continue;
                }
                return "Init:" + ended(terminated);
            }
            String waiting = state.path("waiting").path("reason").asText("");
            return waiting.isEmpty() || waiting.equals("PodInitializing")
                    ? "Init:" + i + "/"
                            + pod.path("spec").path("initContainers").size()
                    : "Init:" + waiting;
        }
        return "";
    }

    private static String running(ObjectNode pod) {
        String phase = Json.textAt(pod, "status", "phase");
        String reason = Json.textAt(pod, "status", "reason");
        String shown = reason.isEmpty() ? phase : reason;
        boolean anyRunning = false;
        JsonNode statuses = pod.path("status").path("containerStatuses");
        for (int i = statuses.size() - 1; i >= 0; i--) {
            JsonNode state = statuses.get(i).path("state");
            String waiting = state.path("waiting").path("reason").asText("");
            if (!waiting.isEmpty()) {
                shown = waiting;
            } else if (state.path("terminated").isObject()) {
                shown = ended(state.path("terminated"));
            } else if (statuses.get(i).path("ready").asBoolean()
                    && state.path("running").isObject()) {
                anyRunning = true;
            }
        }
        if (shown.equals("Completed") && anyRunning) {
            return "Running";
        }
        return shown.isEmpty() ? "Unknown" : shown;
    }

    private static String ended(JsonNode terminated) {
        String reason = terminated.path("reason").asText("");
        if (!reason.isEmpty()) {
            return reason;
        }
        int signal = terminated.path("signal").asInt();
        return signal != 0
                ? "Signal:" + signal
                : "ExitCode:" + terminated.path("exitCode").asInt();
    }
}
