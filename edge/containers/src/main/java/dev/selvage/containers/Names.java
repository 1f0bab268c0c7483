package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Pod;
import dev.selvage.workloads.RunId;
import java.util.Optional;

/** Names and labels by which an agent finds its containers again. A sandbox is the run of no container: its name is empty. */
final class Names {
    static final String INSTANCE = "dev.selvage.instance";
    static final String POD_UID = "dev.selvage.pod.uid";
    static final String POD_NAMESPACE = "dev.selvage.pod.namespace";
    static final String POD_NAME = "dev.selvage.pod.name";
    static final String CONTAINER = "dev.selvage.container";
    static final String ATTEMPT = "dev.selvage.attempt";
    static final String SPEC_HASH = "dev.selvage.spec-hash";

    private Names() {}

    static RunId sandbox(String podUid) {
        return new RunId(podUid, "", 0);
    }

    static boolean isSandbox(RunId run) {
        return run.container().isEmpty();
    }

    /** The container's name in the engine; no part may hold an underscore. */
    static String of(RunId run) {
        return isSandbox(run)
                ? "selvage_" + run.podUid()
                : "selvage_%s_%s_%d".formatted(run.podUid(), run.container(), run.attempt());
    }

    static ObjectNode labels(String instance, RunId run) {
        return Json.object()
                .put(INSTANCE, instance)
                .put(POD_UID, run.podUid())
                .put(CONTAINER, run.container())
                .put(ATTEMPT, Integer.toString(run.attempt()));
    }

    static void label(ObjectNode labels, Pod pod) {
        labels.put(POD_NAMESPACE, pod.namespace()).put(POD_NAME, pod.name());
    }

    /** The run that the labels name; empty where they are not ours. */
    static Optional<RunId> run(JsonNode labels) {
        String uid = labels.path(POD_UID).asText("");
        String attempt = labels.path(ATTEMPT).asText("");
        return uid.isEmpty() || !attempt.matches("\\d{1,9}")
                ? Optional.empty()
                : Optional.of(new RunId(uid, labels.path(CONTAINER).asText(""), Integer.parseInt(attempt)));
    }

    /** The value of {@code filters} that finds ours, or a pod's. */
    static String filter(String instance, Optional<String> podUid) {
        ObjectNode filters = Json.object();
        var labels = filters.putArray("label").add(INSTANCE + "=" + instance);
        podUid.ifPresent(uid -> labels.add(POD_UID + "=" + uid));
        return Engine.encode(Json.text(filters));
    }
}
