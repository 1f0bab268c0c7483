package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A Job's pods, counted so that a crash at any point counts none twice and loses none (upstream's
 * {@code uncountedTerminatedPods}): an ended pod keeps a finalizer until its uid is in the status; once the finalizer is gone
 * the uid moves into the count, in one write. Indexed successes need no uid: their index is enough.
 */
final class JobTally {
    /** Uids in the status at a time; the rest is counted in the next round. */
    static final int MOST_UNCOUNTED = 500;

    /** Pods that run, or are about to. */
    final List<Replica> active = new ArrayList<>();
    /** Told to end, and not ended yet. */
    final List<Replica> terminating = new ArrayList<>();
    /** Pods whose uid is in the status already, or that count for nothing: their finalizer may go. */
    final List<Replica> release = new ArrayList<>();
    /** Indexes that have succeeded. */
    final BitSet done;
    /** Of a Job with a limit per index: how often each has failed. */
    final IndexFailures indexes;
    /** Why the failure policy ends the Job. */
    Optional<String> policyFailure = Optional.empty();

    private final JobSpec spec;
    private final JobVerdict known;
    private final Instant now;
    private final ObjectNode status;
    private final ArrayNode uncountedSucceeded = Json.array();
    private final ArrayNode uncountedFailed = Json.array();
    private int succeeded;
    private int failed;
    /** Failures that are not in the status yet, because their pods wait for a replacement that carries the count. */
    private int delayed;

    private int held;

    /**
     * @param status as stored; it is not changed
     * @param own every pod of the Job
     * @param indexes a count that begins, or one that is settled
     * @param known how the Job ends, as far as that is decided
     * @param judge what the failure policy says of a failed pod
     */
    JobTally(
            JobSpec spec,
            JsonNode status,
            List<Replica> own,
            IndexFailures indexes,
            JobVerdict known,
            Function<Replica, FailurePolicy.Verdict> judge,
            Instant now) {
        this.spec = spec;
        this.indexes = indexes;
        this.known = known;
        this.now = now;
        this.status = status.isObject() ? status.deepCopy() : Json.object();
        this.succeeded = this.status.path("succeeded").asInt(0);
        this.failed = this.status.path("failed").asInt(0);
        this.done = Indexes.parse(Json.textAt(this.status, "completedIndexes"), spec.size());
        settle(own);
        Map<Replica, FailurePolicy.Verdict> failures = new LinkedHashMap<>();
        own.stream().filter(this::fails).forEach(pod -> failures.put(pod, judge.apply(pod)));
        failures.forEach(indexes::add);
        indexes.close(active, done);
        failures.forEach(this::failed);
    }

    /** Uids whose pods have lost their finalizer are counted; the others stay. */
    private void settle(List<Replica> own) {
        Set<String> tracked = new HashSet<>();
        own.stream().filter(Replica::tracked).forEach(pod -> tracked.add(pod.uid()));
        JsonNode before = status.path("uncountedTerminatedPods");
        for (JsonNode uid : before.path("succeeded")) {
            if (tracked.contains(uid.asText())) {
                uncountedSucceeded.add(uid);
            } else {
                succeeded++;
            }
        }
        for (JsonNode uid : before.path("failed")) {
            if (tracked.contains(uid.asText())) {
                uncountedFailed.add(uid);
            } else {
                failed++;
            }
        }
    }

    /** Puts a pod where it belongs; returns whether it has failed and is not let go of yet. */
    private boolean fails(Replica pod) {
        if (pod.active() && !pod.given(now)) {
            active.add(pod);
            return false;
        }
        if (!pod.finished()) {
            terminating.add(pod);
        }
        if (pod.phase().equals("Succeeded")) {
            if (pod.tracked()) {
                succeeded(pod);
            }
        } else if (failed(pod)) {
            return pod.tracked();
        } else {
            held++; // most likely still runs where nobody can see it, or is waited for by the replacement policy
            if (known.complete() && pod.tracked()) {
                release.add(pod); // it counts as nothing: the Job has succeeded without it
            }
        }
        return false;
    }

    /** Whether a pod that is no longer active counts as failed: upstream counts also those that are being deleted. */
    private boolean failed(Replica pod) {
        if (pod.phase().equals("Failed") || pod.confirmed()) {
            return true;
        }
        boolean unseen = pod.lost() && !pod.given(now);
        return pod.deleting() && !spec.replaceFailedOnly() && !unseen;
    }

    private void succeeded(Replica pod) {
        if (spec.indexed()) {
            if (pod.index() >= 0 && pod.index() < spec.size()) {
                done.set(pod.index());
            }
            release.add(pod);
        } else {
            count(pod, uncountedSucceeded);
        }
    }

    private void failed(Replica pod, FailurePolicy.Verdict verdict) {
        boolean noted = has(uncountedFailed, pod);
        if (!noted && verdict instanceof FailurePolicy.Verdict.FailJob(String message)) {
            policyFailure = policyFailure.or(() -> Optional.of(message));
        }
        boolean counts = !(verdict instanceof FailurePolicy.Verdict.Ignore);
        if (indexes.keeps(pod)) {
            delayed += counts && !noted ? 1 : 0;
        } else if (noted || !counts) {
            release.add(pod);
        } else {
            count(pod, uncountedFailed);
        }
    }

    private void count(Replica pod, ArrayNode uncounted) {
        if (!has(uncounted, pod)) {
            if (uncountedSucceeded.size() + uncountedFailed.size() >= MOST_UNCOUNTED) {
                return; // in the next round
            }
            uncounted.add(pod.uid());
        }
        release.add(pod);
    }

    private static boolean has(ArrayNode uids, Replica pod) {
        for (JsonNode uid : uids) {
            if (uid.asText().equals(pod.uid())) {
                return true;
            }
        }
        return false;
    }

    int succeeded() {
        return spec.indexed() ? done.cardinality() : succeeded + uncountedSucceeded.size();
    }

    int failed() {
        return failed + uncountedFailed.size() + delayed;
    }

    /** Pods that stand in the way of a replacement though they are not active. */
    int held() {
        return held;
    }

    boolean allCounted() {
        return uncountedSucceeded.isEmpty() && uncountedFailed.isEmpty();
    }

    /** The status with what was counted; conditions and times are as they were. */
    ObjectNode status() {
        ObjectNode written = status.deepCopy();
        ReplicaSets.count(written, "active", active.size());
        ReplicaSets.count(written, "succeeded", spec.indexed() ? done.cardinality() : succeeded);
        ReplicaSets.count(written, "failed", failed);
        written.put("ready", (int) active.stream().filter(Replica::ready).count());
        written.put("terminating", terminating.size());
        if (spec.indexed() && !done.isEmpty()) {
            written.put("completedIndexes", Indexes.text(done));
        }
        if (indexes.limited()) {
            written.put("failedIndexes", Indexes.text(indexes.failed)); // empty too, as upstream
        }
        ObjectNode uncounted = written.putObject("uncountedTerminatedPods");
        if (!uncountedSucceeded.isEmpty()) {
            uncounted.set("succeeded", uncountedSucceeded);
        }
        if (!uncountedFailed.isEmpty()) {
            uncounted.set("failed", uncountedFailed);
        }
        return written;
    }
}
