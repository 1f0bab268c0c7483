package dev.selvage.control.workload;

import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/** How many pods a Job wants at a time, which of them go first, and which of its indexes need none (upstream's manageJob). */
final class JobPlan {
    private JobPlan() {}

    static int wanted(JobSpec spec, int succeeded, int active) {
        if (spec.completions().isEmpty()) {
            return succeeded > 0 ? active : spec.parallelism();
        }
        return Math.max(0, Math.min(spec.parallelism(), spec.completions().getAsInt() - succeeded));
    }

    /** Of an Indexed Job, pods whose index is done or beyond what is wanted go before all others. */
    static List<Replica> surplusFirst(JobSpec spec, JobTally tally) {
        if (!spec.indexed()) {
            return tally.active;
        }
        List<Replica> needless = tally.active.stream()
                .filter(pod -> pod.index() < 0 || pod.index() >= spec.size() || tally.done.get(pod.index()))
                .toList();
        return needless.isEmpty() ? tally.active : needless;
    }

    /** Indexes that have succeeded, failed for good, or have a pod that runs or most likely does. */
    static BitSet taken(JobSpec spec, JobTally tally) {
        BitSet taken = (BitSet) tally.done.clone();
        taken.or(tally.indexes.failed);
        Stream.concat(
                        tally.active.stream(),
                        tally.terminating.stream().filter(pod -> spec.replaceFailedOnly() || pod.lost()))
                .filter(pod -> pod.index() >= 0)
                .forEach(pod -> taken.set(pod.index()));
        return taken;
    }
}
