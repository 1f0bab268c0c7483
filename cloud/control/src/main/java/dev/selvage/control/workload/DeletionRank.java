package dev.selvage.control.workload;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which pods go first when there are too many (k8s.io/kubernetes/pkg/controller, ActivePodsWithRanks), and those of unreachable nodes before others. */
final class DeletionRank {
    private static final List<String> PHASES = List.of("Pending", "Unknown", "Running");

    private DeletionRank() {}

    static List<Replica> first(List<Replica> pods, int count) {
        Map<String, Integer> onNode = new HashMap<>();
        pods.forEach(pod -> onNode.merge(pod.nodeName(), 1, Integer::sum));
        Comparator<Replica> order = Comparator.comparing(
                        (Replica pod) -> !pod.nodeName().isEmpty())
                .thenComparingInt(pod -> PHASES.indexOf(pod.phase()))
                .thenComparing(pod -> !pod.lost())
                .thenComparing(Replica::ready)
                .thenComparingInt(Replica::deletionCost)
                .thenComparingInt(pod -> -onNode.getOrDefault(pod.nodeName(), 0))
                .thenComparing(Comparator.comparing(Replica::readySince).reversed())
                .thenComparingInt(pod -> -pod.restarts())
                .thenComparing(Comparator.comparing(Replica::created).reversed())
                .thenComparing(pod -> pod.key().name());
        return pods.stream().sorted(order).limit(count).toList();
    }
}
