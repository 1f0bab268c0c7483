package dev.selvage.control.scheduler;

import java.util.List;

/**
 * Why a node cannot take a pod, in upstream's words.
 *
 * @param resolvable whether the removal of other pods could change it (upstream: Unschedulable, and not
 *     UnschedulableAndUnresolvable)
 */
record Refusal(List<String> reasons, boolean resolvable) {
    static Refusal lasting(String reason) {
        return new Refusal(List.of(reason), false);
    }

    static Refusal resolvable(String reason) {
        return new Refusal(List.of(reason), true);
    }
}
