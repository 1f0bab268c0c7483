package dev.selvage.control.scheduler;

import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler's picture of nodes and of what their pods take. Not thread-safe: kept by the scheduler's own thread. A
 * pod that was just bound counts at once, before the watch tells of it.
 */
final class Cluster {
    private static final Usage EMPTY = new Usage();

    private final TreeMap<String, Node> nodes = new TreeMap<>();
    private final Map<String, Usage> usages = new HashMap<>();
    private final Map<ObjectKey, String> bound = new HashMap<>();

    /** Returns whether anything changed that could make room for a waiting pod. */
    boolean node(Node node) {
        return !node.equals(nodes.put(node.name(), node));
    }

    void nodeGone(String name) {
        nodes.remove(name);
    }

    /** Takes note of a pod as it is now; returns whether room was freed. */
    boolean pod(SchedulablePod pod) {
        String before = bound.get(pod.key());
        if (!pod.holdsResources()) {
            return podGone(pod.key());
        }
        if (before != null && !before.equals(pod.nodeName())) {
            podGone(pod.key());
        }
        bound.put(pod.key(), pod.nodeName());
        usage(pod.nodeName()).add(pod);
        return false;
    }

    boolean podGone(ObjectKey key) {
        String node = bound.remove(key);
        if (node == null) {
            return false;
        }
        Usage usage = usage(node);
        usage.remove(key);
        if (usage.pods() == 0) {
            usages.remove(node);
        }
        return true;
    }

    int size() {
        return nodes.size();
    }

    /** The least loaded of the nodes that can take the pod; of equals the first by name. */
    Choice choose(SchedulablePod pod) {
        if (nodes.isEmpty()) {
            return new Choice.Nowhere("no nodes available to schedule pods");
        }
        Map<String, Integer> reasons = new HashMap<>();
        @Nullable Node best = null;
        double bestScore = 0;
        for (Node node : nodes.values()) {
            Usage usage = usages.getOrDefault(node.name(), EMPTY);
            List<String> refusals = Filters.refusals(pod, node, usage);
            if (refusals.isEmpty()) {
                double score = score(pod, node, usage);
                if (best == null || score > bestScore) {
                    best = node;
                    bestScore = score;
                }
            } else if (best == null) {
                refusals.forEach(reason -> reasons.merge(reason, 1, Integer::sum));
            }
        }
        return best != null ? new Choice.Fits(best.name()) : new Choice.Nowhere(words(reasons));
    }

    private Usage usage(String node) {
        return usages.computeIfAbsent(node, name -> new Usage());
    }

    /** Upstream's LeastAllocated over cpu and memory, with the share of pods beside it, for pods that request nothing. */
    private static double score(SchedulablePod pod, Node node, Usage usage) {
        double cpu = free(usage.sum().cpuMillis() + pod.requests().cpuMillis(), node.cpuMillis());
        double memory = free(usage.sum().memoryBytes() + pod.requests().memoryBytes(), node.memoryBytes());
        double pods = free(usage.pods() + 1, node.pods());
        return cpu + memory + pods - 10.0 * Filters.unwanted(pod, node);
    }

    private static double free(long used, long all) {
        return all <= 0 ? 0 : Math.max(0, 1.0 - (double) used / all);
    }

    /** "0/3 nodes are available: 1 node(s) had untolerated taint {k: v}, 2 Insufficient cpu." as upstream's FitError. */
    private String words(Map<String, Integer> reasons) {
        List<String> parts = new ArrayList<>();
        reasons.forEach((reason, count) -> parts.add(count + " " + reason));
        parts.sort(null);
        return "0/" + nodes.size() + " nodes are available: " + String.join(", ", parts) + ".";
    }
}
