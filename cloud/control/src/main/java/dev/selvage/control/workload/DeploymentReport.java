package dev.selvage.control.workload;

import static dev.selvage.control.workload.ProgressConditions.NEW_AVAILABLE;
import static dev.selvage.control.workload.ProgressConditions.PAUSED;
import static dev.selvage.control.workload.ProgressConditions.PROGRESSING;
import static dev.selvage.control.workload.ProgressConditions.TIMED_OUT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * A Deployment's status from its ReplicaSets (k8s.io/kubernetes/pkg/controller/deployment: progress.go, sync.go).
 *
 * @param newest the revision of the present template, once it is there
 * @param all every revision, the newest included
 * @param lost pods on nodes that cannot be reached
 */
record DeploymentReport(
        Optional<Revision> newest, List<Revision> all, int lost, int collisions, RollingMath math, Instant now) {

    /** Writes the status; returns whether anything changed. */
    boolean write(ObjectNode deployment) {
        JsonNode before = deployment.path("status").deepCopy();
        boolean progressed = counts(deployment, before);
        availability(deployment);
        replicaFailure(deployment);
        if (deployment.path("spec").hasNonNull("progressDeadlineSeconds")) {
            progress(deployment, progressed);
        } else {
            Conditions.remove(deployment, PROGRESSING);
        }
        return !deployment.path("status").equals(before);
    }

    /** Whether the present template is everywhere and available. */
    boolean complete() {
        int wanted = math.wanted();
        return updated() == wanted
                && sum(Revision::current) == wanted
                && sum(Revision::available) == wanted
                && all.stream().allMatch(Revision::observed);
    }

    private int updated() {
        return newest.map(Revision::current).orElse(0);
    }

    private int sum(ToIntFunction<Revision> count) {
        return all.stream().mapToInt(count).sum();
    }

    /** Returns whether the rollout is further than it was. */
    private boolean counts(ObjectNode deployment, JsonNode before) {
        ObjectNode status = Json.child(deployment, "status");
        int replicas = sum(Revision::current);
        int available = sum(Revision::available);
        int ready = sum(Revision::ready);
        status.set("observedGeneration", Json.whole(Meta.generation(deployment)));
        ReplicaSets.count(status, "replicas", replicas);
        ReplicaSets.count(status, "updatedReplicas", updated());
        ReplicaSets.count(status, "readyReplicas", ready);
        ReplicaSets.count(status, "availableReplicas", available);
        ReplicaSets.count(status, "unavailableReplicas", Math.max(0, sum(Revision::replicas) - available));
        if (collisions > 0) {
            status.put("collisionCount", collisions);
        }
        int oldNow = replicas - updated();
        int oldBefore = number(before, "replicas") - number(before, "updatedReplicas");
        return updated() > number(before, "updatedReplicas")
                || oldNow < oldBefore
                || ready > number(before, "readyReplicas")
                || available > number(before, "availableReplicas");
    }

    private static int number(JsonNode status, String field) {
        return status.path(field).asInt(0);
    }

    private void availability(ObjectNode deployment) {
        boolean enough = sum(Revision::available) >= math.least();
        ProgressConditions.set(
                deployment,
                "Available",
                enough ? "True" : "False",
                enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                "Deployment " + (enough ? "has" : "does not have") + " minimum availability." + deferred(),
                now,
                false);
    }

    /** What is left for later, where something is: users must see why a count does not move. */
    private String deferred() {
        return lost == 0
                ? ""
                : " " + lost + (lost == 1 ? " pod is" : " pods are")
                        + " deferred: on nodes that cannot be reached, brought up to date when they return.";
    }

    private void replicaFailure(ObjectNode deployment) {
        Optional<JsonNode> failure = newest.flatMap(r -> Conditions.find(r.object(), "ReplicaFailure"))
                .or(() -> all.stream()
                        .flatMap(r -> Conditions.find(r.object(), "ReplicaFailure").stream())
                        .findFirst());
        failure.ifPresentOrElse(
                f -> ProgressConditions.set(
                        deployment,
                        "ReplicaFailure",
                        "True",
                        Json.textAt(f, "reason"),
                        Json.textAt(f, "message"),
                        now,
                        false),
                () -> Conditions.remove(deployment, "ReplicaFailure"));
    }

    private void progress(ObjectNode deployment, boolean progressed) {
        String reason = ProgressConditions.reason(deployment);
        if (paused(deployment, reason)) {
            return;
        }
        boolean begins = begins(deployment, reason);
        if (sum(Revision::current) == updated() && reason.equals(NEW_AVAILABLE) && !begins) {
            return; // once complete, a pod that fails later is no rollout that fails
        }
        String name = newest.map(DeploymentReport::quoted).orElse("Deployment \"" + Meta.name(deployment) + "\"");
        if (complete()) {
            set(deployment, "True", NEW_AVAILABLE, name + " has successfully progressed.", false);
        } else if (progressed || begins) {
            set(deployment, "True", "ReplicaSetUpdated", name + " is progressing." + deferred(), true);
        } else if (timedOut(deployment, reason)) {
            set(deployment, "False", TIMED_OUT, name + " has timed out progressing." + deferred(), false);
        }
    }

    /** A pause stops the clock of the deadline; one that has passed already stays told. */
    private boolean paused(ObjectNode deployment, String reason) {
        boolean paused = Json.at(deployment, "spec", "paused").asBoolean(false);
        if (paused && !reason.equals(TIMED_OUT)) {
            set(deployment, "Unknown", PAUSED, "Deployment is paused", false);
        }
        return paused;
    }

    /** Whether the condition does not tell of the present template yet, so that a rollout begins here. */
    private boolean begins(ObjectNode deployment, String reason) {
        String message = Conditions.find(deployment, PROGRESSING)
                .map(c -> Json.textAt(c, "message"))
                .orElse("");
        return newest.map(revision -> !message.startsWith(quoted(revision)))
                .orElse(reason.equals(NEW_AVAILABLE) || reason.isEmpty());
    }

    private static String quoted(Revision revision) {
        return "ReplicaSet \"" + revision.key().name() + "\"";
    }

    private void set(ObjectNode deployment, String status, String reason, String message, boolean touch) {
        ProgressConditions.set(deployment, PROGRESSING, status, reason, message, now, touch);
    }

    private boolean timedOut(ObjectNode deployment, String reason) {
        if (reason.equals(TIMED_OUT)) {
            return true;
        }
        return !reason.equals(NEW_AVAILABLE)
                && !reason.equals(PAUSED)
                && untilDeadline(deployment).map(left -> !left.isPositive()).orElse(false);
    }

    /** How long until no progress counts as none. */
    Optional<Duration> untilDeadline(ObjectNode deployment) {
        long seconds = Json.at(deployment, "spec", "progressDeadlineSeconds").asLong(0);
        return seconds == 0
                ? Optional.empty()
                : ProgressConditions.updated(deployment).map(at -> Duration.between(now, at.plusSeconds(seconds)));
    }
}
