package dev.selvage.control.scheduler;

import java.util.List;

/** What the scheduler says of one pod. */
sealed interface Choice {
    record Fits(String node) implements Choice {}

    /** @param message why no node can take the pod, in upstream's words */
    record Nowhere(String message) implements Choice {}

    /**
     * No node can take the pod now, but one could without some pods of lower priority.
     *
     * @param victims to be deleted, all of them on {@code node}
     */
    record Preempts(String node, List<SchedulablePod> victims, String message) implements Choice {
        public Preempts {
            victims = List.copyOf(victims);
        }
    }
}
