package dev.selvage.control.scheduler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Terms that the bound pods carry, and on which nodes: pods of one template have the same, so a new pod is compared with each
 * term once and not with each pod. Not thread-safe.
 */
final class TermIndex {
    private final Function<Placement, List<PodTerm>> which;
    private final Map<PodTerm, Map<String, Integer>> nodes = new HashMap<>();

    TermIndex(Function<Placement, List<PodTerm>> which) {
        this.which = which;
    }

    void count(SchedulablePod pod, int change) {
        for (PodTerm term : which.apply(pod.placement())) {
            Map<String, Integer> counts = nodes.computeIfAbsent(term, key -> new HashMap<>());
            counts.merge(pod.nodeName(), change, (a, b) -> a + b == 0 ? null : a + b);
            if (counts.isEmpty()) {
                nodes.remove(term);
            }
        }
    }

    /** Carriers by node, for each term. */
    Map<PodTerm, Map<String, Integer>> all() {
        return nodes;
    }

    List<PodTerm> of(SchedulablePod pod) {
        return which.apply(pod.placement());
    }
}
