package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Durations;
import dev.selvage.model.JobLabels;
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
 * @param target its node, or the one that it asks for by name (a DaemonSet's pod); "" for none
 * @param confirmed deleted, and nothing runs any more: its node has said so, or somebody has for it
 * @param tracked whether a Job has yet to count it
 * @param index completion index of an Indexed Job's pod; -1 for none
 * @param indexFailures how often its index had failed before it; {@code ignoredFailures}: as its failure policy ignores
 * @param ended when it did, as near as that is known
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
        Instant created,
        String target,
        boolean confirmed,
        boolean tracked,
        int index,
        int indexFailures,
        int ignoredFailures,
        Instant ended)
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
                created(pod),
                target(pod),
                Meta.deleting(pod)
                        && Json.at(pod, "metadata", "deletionGracePeriodSeconds")
                                        .asLong(0)
                                == 0,
                Meta.finalizers(pod).contains(JobLabels.TRACKING),
                number(annotations.getOrDefault(JobLabels.INDEX, "-1")),
                Math.max(0, number(annotations.getOrDefault(JobLabels.INDEX_FAILURES, "0"))),
                Math.max(0, number(annotations.getOrDefault(JobLabels.IGNORED_FAILURES, "0"))),
                ended(pod));
    }

    private static Instant created(ObjectNode pod) {
        return Timestamps.parse(Meta.creationTimestamp(pod)).orElse(Instant.EPOCH);
    }

    private static String target(ObjectNode pod) {
        String node = Json.textAt(pod, "spec", "nodeName");
        return node.isEmpty() ? DaemonPod.target(pod.path("spec")) : node;
    }

    /** Upstream's order: the last container's end, else when it was no longer ready, else its deletion, else its creation. */
    private static Instant ended(ObjectNode pod) {
        Optional<Instant> last = Optional.empty();
        for (JsonNode status : pod.path("status").path("containerStatuses")) {
            Optional<Instant> end = Timestamps.parse(Json.textAt(status, "state", "terminated", "finishedAt"));
            if (end.isPresent() && (last.isEmpty() || end.get().isAfter(last.get()))) {
                last = end;
            }
        }
        return last.or(() -> Conditions.find(pod, "Ready").flatMap(Replica::transition))
                .or(() -> Timestamps.parse(Meta.deletionTimestamp(pod)))
                .orElseGet(() -> created(pod));
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
