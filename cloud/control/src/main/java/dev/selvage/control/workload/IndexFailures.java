package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Backoff;
import dev.selvage.model.JobLabels;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a Job with a limit per index knows of each index (k8s.io/kubernetes/pkg/controller/job/indexed_job_utils.go): which have
 * failed for good, and of each other the last pod that failed. That pod is kept until its replacement carries its count, so the
 * counts outlive whoever counts.
 */
final class IndexFailures {
    /** Of a Job without such a limit. */
    static final IndexFailures NONE = new IndexFailures(-1, 0, new BitSet(), false);

    /** Indexes that are not tried again. */
    final BitSet failed;

    private final int limit;
    private final int size;
    private final boolean decided;
    private final Map<Integer, Last> last = new HashMap<>();

    /** @param counts false where the failure policy ignores the failure */
    private record Last(Replica pod, boolean counts) {
        int failures() {
            return pod.indexFailures() + pod.ignoredFailures();
        }

        boolean before(Last other) {
            return failures() <= other.failures() && !other.pod.ended().isBefore(pod.ended());
        }
    }

    private IndexFailures(int limit, int size, BitSet failed, boolean decided) {
        this.limit = limit;
        this.size = size;
        this.failed = failed;
        this.decided = decided;
    }

    /**
     * Begins a count.
     *
     * @param decided the Job's end is: the pods that are ended for it say nothing of their index
     */
    static IndexFailures of(JobSpec spec, JsonNode status, boolean decided) {
        return spec.perIndex().isEmpty()
                ? NONE
                : new IndexFailures(
                        spec.perIndex().getAsInt(),
                        spec.size(),
                        Indexes.parse(Json.textAt(status, "failedIndexes"), spec.size()),
                        decided);
    }

    /** As it was counted when the Job's end was decided. */
    IndexFailures settled() {
        return limit < 0 ? NONE : new IndexFailures(limit, size, (BitSet) failed.clone(), true);
    }

    boolean limited() {
        return limit >= 0;
    }

    /** A pod that has failed and is not let go of yet. */
    void add(Replica pod, FailurePolicy.Verdict verdict) {
        if (decided || !limited() || pod.index() < 0 || pod.index() >= size) {
            return;
        }
        boolean counts = !(verdict instanceof FailurePolicy.Verdict.Ignore);
        if (verdict instanceof FailurePolicy.Verdict.FailIndex || (counts && pod.indexFailures() >= limit)) {
            failed.set(pod.index());
        }
        last.merge(pod.index(), new Last(pod, counts), (one, other) -> one.before(other) ? other : one);
    }

    /** Indexes with a pod that runs, or that need none, wait for no replacement: their failed pods may go. */
    void close(Iterable<Replica> active, BitSet done) {
        if (!limited()) {
            return;
        }
        active.forEach(pod -> last.remove(pod.index()));
        last.keySet().removeIf(index -> done.get(index) || failed.get(index));
    }

    /** Whether the pod has to stay until its index has a new one. */
    boolean keeps(Replica pod) {
        Last kept = last.get(pod.index());
        return kept != null && kept.pod.uid().equals(pod.uid());
    }

    /** How long an index has to wait, counted from its last failure: twice as long after each. */
    Duration pause(int index, Backoff backoff, Instant now) {
        Last kept = last.get(index);
        if (kept == null) {
            return Duration.ZERO;
        }
        Instant until = kept.pod.ended().plus(backoff.after(kept.failures() + 1));
        return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    }

    /** Writes on a new pod how often its index has failed. */
    void annotate(ObjectNode pod, int index) {
        if (!limited()) {
            return;
        }
        @Nullable Last kept = last.get(index);
        int failures = kept == null ? 0 : kept.pod.indexFailures() + (kept.counts ? 1 : 0);
        int ignored = kept == null ? 0 : kept.pod.ignoredFailures() + (kept.counts ? 0 : 1);
        ObjectNode annotations = Json.child(Meta.of(pod), "annotations");
        annotations.put(JobLabels.INDEX_FAILURES, Integer.toString(failures));
        if (ignored > 0) {
            annotations.put(JobLabels.IGNORED_FAILURES, Integer.toString(ignored));
        }
    }
}
