package dev.selvage.control.scheduler;

/** What the scheduler says of one pod. */
sealed interface Choice {
    record Fits(String node) implements Choice {}

    /** @param message why no node can take the pod, in upstream's words */
    record Nowhere(String message) implements Choice {}
}
