package dev.selvage.control.scheduler;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How many pods of a group each node has. A group that was asked for is counted on from then, pod by pod, so that a decision
 * costs no walk over all pods. The {@value #REMEMBERED} groups used last are kept. Not thread-safe.
 */
final class Tallies {
    static final int REMEMBERED = 512;

    /**
     * @param groups a pod counts when it is in each of them
     * @param living pods on their way out do not count (upstream's PodTopologySpread)
     */
    record Question(List<PodGroup> groups, boolean living) {}

    private final Map<String, Map<String, String>> namespaceLabels;
    private final LinkedHashMap<Question, Map<String, Integer>> known = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Map<String, Integer>> eldest) {
            return size() > REMEMBERED;
        }
    };

    Tallies(Map<String, Map<String, String>> namespaceLabels) {
        this.namespaceLabels = namespaceLabels;
    }

    /** Pods by node; nodes without any are absent. The map goes on changing with the cluster. */
    Map<String, Integer> of(Question question, Iterable<NodeState> states) {
        Map<String, Integer> counts = known.get(question);
        if (counts == null) {
            counts = new HashMap<>();
            for (NodeState state : states) {
                for (SchedulablePod pod : state.usage.all()) {
                    if (contains(question, pod)) {
                        counts.merge(state.name, 1, Integer::sum);
                    }
                }
            }
            known.put(question, counts);
        }
        return counts;
    }

    /** A bound pod came (1) or went (-1). */
    void count(SchedulablePod pod, int change) {
        known.forEach((question, counts) -> {
            if (contains(question, pod)) {
                counts.merge(pod.nodeName(), change, (a, b) -> a + b == 0 ? null : a + b);
            }
        });
    }

    /** The labels of a namespace changed: what was counted by them is counted anew. */
    void namespacesChanged() {
        known.keySet()
                .removeIf(question -> question.groups().stream().anyMatch(group -> group.namespaceSelector() != null));
    }

    /** Groups that are counted now. */
    int size() {
        return known.size();
    }

    boolean contains(Question question, SchedulablePod pod) {
        if (question.living && pod.deleting()) {
            return false;
        }
        for (PodGroup group : question.groups) {
            if (!group.contains(pod, namespaceLabels)) {
                return false;
            }
        }
        return true;
    }
}
