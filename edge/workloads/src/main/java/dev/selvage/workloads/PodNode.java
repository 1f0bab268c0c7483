package dev.selvage.workloads;

import dev.selvage.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a pod's worker sees of the node and of the pods beside it. */
interface PodNode {
    PodsConfig config();

    PodStore store();

    PodListener listener();

    String bootId();

    Optional<PodRuntime> runtimeFor(Pod pod);

    List<String> runtimeNames();

    /** @param user owns their files where the pod names none */
    Volumes volumes(String uid, int user);

    TerminationMessages messages(String uid);

    RunPlanner planner(Volumes volumes, TerminationMessages messages);

    /** Whether the node has its number of pods without this one. */
    boolean full(PodWorker asking);

    /** Whether another pod of the same name is still ending here. */
    boolean predecessorLeaving(PodWorker asking);

    /** Waits for one of the few places in which containers may start. */
    StartOutcome start(PodRuntime runtime, RunSpec spec) throws InterruptedException;

    /** Nothing is left of the pod. */
    void ended(PodWorker worker, Pod pod);

    default Instant now() {
        return config().clock().instant();
    }
}
