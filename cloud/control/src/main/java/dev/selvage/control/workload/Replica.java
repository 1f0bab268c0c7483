package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Durations;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import dev.selvage.model.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a controller needs of one pod.
 *
 * @param readySince when it became ready; the epoch where that is not said
 * @param lostSince since when its node cannot be reached; empty while it can
 * @param evictAfter how long its workload waits for a node that cannot be reached before it makes a replacement
 *     (annotation {@value #EVICT_AFTER}); empty for ever
 * @param deletionCost annotation controller.kubernetes.io/pod-deletion-cost
 */
record Replica(
        ObjectKey key,
        String uid,
        Optional<OwnerReference> controller,
        Map<String, String> labels,
        boolean deleting,
        String phase,
        String nodeName,
        boolean ready,
        Instant readySince,
        Optional<Instant> lostSince,
        Optional<Duration> evictAfter,
        int restarts,
        int deletionCost,
        Instant created)
        implements Owned {

    static final String EVICT_AFTER = "selvage.dev/evict-after";
    private static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

    static Replica of(ObjectNode pod) {
        Optional<JsonNode> ready = Conditions.find(pod, "Ready");
        Map<String, String> annotations = Meta.annotations(pod);
        return new Replica(
                ObjectKey.of(pod),
                Meta.uid(pod),
                Owned.controllerOf(pod),
                Meta.labels(pod),
                Meta.deleting(pod),
                Json.textAt(pod, "status", "phase"),
                Json.textAt(pod, "spec", "nodeName"),
                ready.map(c -> Json.textAt(c, "status").equals("True")).orElse(false),
                ready.flatMap(Replica::transition).orElse(Instant.EPOCH),
                Conditions.find(pod, "Linked")
                        .filter(c -> Json.textAt(c, "status").equals("Unknown"))
                        .flatMap(Replica::transition),
                Durations.parse(annotations.getOrDefault(EVICT_AFTER, "")),
                restarts(pod),
                number(annotations.getOrDefault(DELETION_COST, "0")),
                Timestamps.parse(Meta.creationTimestamp(pod)).orElse(Instant.EPOCH));
    }

    private static Optional<Instant> transition(JsonNode condition) {
        return Timestamps.parse(Json.textAt(condition, "lastTransitionTime"));
    }

    private static int restarts(ObjectNode pod) {
        int most = 0;
        for (JsonNode status : pod.path("status").path("containerStatuses")) {
            most = Math.max(most, status.path("restartCount").asInt(0));
        }
        return most;
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0; // upstream ignores a cost that it cannot read
        }
    }

    boolean finished() {
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /** Neither ended nor told to end. */
    boolean active() {
        return !finished() && !deleting;
    }

    /** On a node that cannot be reached: it most likely goes on, and nobody can tell. */
    boolean lost() {
        return lostSince.isPresent();
    }

    /** Whether its workload has waited long enough for its node. */
    boolean given(Instant now) {
        return lostSince.isPresent()
                && evictAfter.isPresent()
                && !now.isBefore(lostSince.get().plus(evictAfter.get()));
    }

    /**
     * Whether it stands for a replica still: also when it was told to end on a node that cannot be reached, because it
     * most likely runs there, and a replacement would be one too many.
     */
    boolean counts(Instant now) {
        return !finished() && !given(now) && (!deleting || lost());
    }

    boolean available(Instant now, Duration minReady) {
        return ready && !deleting && !now.isBefore(readySince.plus(minReady));
    }
}
