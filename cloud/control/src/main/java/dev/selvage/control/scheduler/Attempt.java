package dev.selvage.control.scheduler;

import dev.selvage.model.Node;
import org.jspecify.annotations.Nullable;

/** All checks for one pod, prepared for one decision; nodes are asked about one by one. */
final class Attempt {
    private final SchedulablePod pod;
    private final @Nullable SpreadCheck spread;
    private final @Nullable AffinityCheck affinity;

    Attempt(SchedulablePod pod, View view) {
        this.pod = pod;
        this.spread = SpreadCheck.of(pod, view);
        this.affinity = AffinityCheck.of(pod, view);
    }

    /** Why the node cannot take the pod, also with those pods that it has been promised to; null where it can. */
    @Nullable
    Refusal refusal(NodeState state) {
        @Nullable Refusal refusal = refusal(state, state.usage);
        if (refusal != null || state.nominated.isEmpty()) {
            return refusal;
        }
        // Upstream looks twice, with and without the promised pods: they may never come.
        Usage promised = state.usage.copy();
        for (SchedulablePod other : state.nominated.values()) {
            if (claims(other)) {
                promised.add(other);
                count(other, state, 1);
            }
        }
        refusal = refusal(state, promised);
        for (SchedulablePod other : state.nominated.values()) {
            if (claims(other)) {
                count(other, state, -1);
            }
        }
        return refusal;
    }

    private boolean claims(SchedulablePod other) {
        return other.priority() >= pod.priority() && !other.key().equals(pod.key());
    }

    @Nullable
    Refusal refusal(NodeState state, Usage usage) {
        Node node = state.node;
        if (node == null) {
            return Refusal.lasting("node(s) are unknown");
        }
        Refusal refusal = Filters.refusal(pod, node, usage);
        if (refusal == null && spread != null) {
            refusal = spread.refusal(state);
        }
        if (refusal == null && affinity != null) {
            refusal = affinity.refusal(state);
        }
        return refusal;
    }

    /** As if a pod came to the node (1) or left it (-1); resources are the business of the usage given with it. */
    void count(SchedulablePod other, NodeState state, int change) {
        if (spread != null) {
            spread.count(other, state, change);
        }
        if (affinity != null) {
            affinity.count(other, state, change);
        }
    }
}
