package dev.selvage.workloads;

import dev.selvage.model.PodContainer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The hooks of one container's current run: postStart first, preStop at its end, never both at a time. Used by the pod's
 * thread only. A hook that an agent was calling when it ended is called again by the next: "at least once"
 * (kubernetes.io/docs/concepts/containers/container-lifecycle-hooks, "Hook delivery guarantees").
 */
final class ContainerHooks implements AutoCloseable {
    /** Upstream waits for postStart without a limit; here nothing goes on for ever. */
    private static final Duration LONGEST_POST_START = Duration.ofDays(1);

    private final ContainerDriver.Surroundings pod;
    private LifecycleHook.@Nullable Type type;
    private @Nullable LifecycleHook hook;

    ContainerHooks(ContainerDriver.Surroundings pod) {
        this.pod = pod;
    }

    /** Calls it where that has not been done, and tells how it stands. */
    LifecycleHook.State postStart(PodContainer spec, RunId run) {
        return state(spec, run, LifecycleHook.Type.POST_START, LONGEST_POST_START);
    }

    /** @param left of the grace period: then it has failed */
    LifecycleHook.State preStop(PodContainer spec, RunId run, Duration left) {
        return state(spec, run, LifecycleHook.Type.PRE_STOP, left);
    }

    private LifecycleHook.State state(PodContainer spec, RunId run, LifecycleHook.Type wanted, Duration limit) {
        LifecycleHook current = hook;
        if (current == null || type != wanted) {
            close();
            current = LifecycleHook.begin(pod.runtime(), run, spec, wanted, pod.podIp(), limit, pod::wake);
            hook = current;
            type = wanted;
        }
        return current.state();
    }

    /** Breaks off the hook that runs; the run has ended, or there is no time left for it. */
    @Override
    public void close() {
        if (hook != null) {
            hook.close();
            hook = null;
        }
    }
}
