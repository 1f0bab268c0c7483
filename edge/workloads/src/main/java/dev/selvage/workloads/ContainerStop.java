package dev.selvage.workloads;

import dev.selvage.model.PodContainer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Ends a container's run: its preStop hook, SIGTERM, and SIGKILL when the grace period is over, which counts from the
 * first step (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle, "Termination of Pods").
 */
final class ContainerStop {
    /** What a container has after its preStop hook, whatever that has left of the grace period (kubelet: minimumGracePeriodInSeconds). */
    private static final Duration LEAST_AFTER_HOOK = Duration.ofSeconds(2);

    private final ContainerDriver.Surroundings pod;
    private final ContainerRecord record;
    private final ContainerHooks hooks;

    ContainerStop(ContainerDriver.Surroundings pod, ContainerRecord record, ContainerHooks hooks) {
        this.pod = pod;
        this.record = record;
        this.hooks = hooks;
    }

    /** Does what is due now, and tells when to come again at the latest. */
    Instant step(RunId run, Duration grace) {
        Optional<PodContainer> hooked = pod.pod().container(record.name).filter(LifecycleHook.Type.PRE_STOP::in);
        if (record.stopSince == null) {
            record.stopSince = pod.now();
            hooks.close(); // a postStart hook is of no use any more
            if (hooked.isPresent()) {
                pod.save();
            }
        }
        if (pod.now().isBefore(record.stopSince)) {
            record.stopSince = pod.now(); // the clock was set back
        }
        Instant end = record.stopSince.plus(grace);
        if (record.askedAt == null) {
            if (hooked.isPresent() && record.running() && waits(hooked.get(), run, grace, end)) {
                return end;
            }
            record.askedAt = pod.now();
            pod.save();
            pod.runtime().terminate(run);
        }
        if (pod.now().isBefore(record.askedAt)) {
            record.askedAt = pod.now();
        }
        Instant least = record.askedAt.plus(LEAST_AFTER_HOOK);
        if (hooked.isPresent() && grace.isPositive() && end.isBefore(least)) {
            end = least;
        }
        if (!pod.now().isBefore(end)) {
            pod.runtime().kill(run);
        }
        return end;
    }

    /** Whether the preStop hook still has to be waited for. Without a grace period it is not called. */
    private boolean waits(PodContainer spec, RunId run, Duration grace, Instant end) {
        if (!grace.isPositive()) {
            hooks.close();
            return false;
        }
        Duration left = Duration.between(pod.now(), end);
        LifecycleHook.State state = left.isPositive() ? hooks.preStop(spec, run, left) : LifecycleHook.State.FAILED;
        if (state == LifecycleHook.State.FAILED) {
            pod.event("Warning", "FailedPreStopHook", "PreStopHook failed");
        }
        if (state != LifecycleHook.State.RUNNING) {
            hooks.close();
        }
        return state == LifecycleHook.State.RUNNING;
    }
}
