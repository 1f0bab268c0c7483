package dev.selvage.control.scheduler;

import dev.selvage.model.Node;
import dev.selvage.model.Taint;
import dev.selvage.model.Toleration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Why a node cannot take a pod, in upstream's order and words (kube-scheduler's plugins NodeUnschedulable,
 * TaintToleration, NodeAffinity, NodePorts, NodeResourcesFit), and ours for what nodes advertise.
 */
final class Filters {
    private static final Taint CORDON = new Taint("node.kubernetes.io/unschedulable", "", Taint.NO_SCHEDULE);
    private static final Taint NOT_READY = new Taint("node.kubernetes.io/not-ready", "", Taint.NO_SCHEDULE);

    private Filters() {}

    /** The reasons of the first filter that refuses; empty where the pod fits. */
    static List<String> refusals(SchedulablePod pod, Node node, Usage usage) {
        if (node.unschedulable() && !tolerates(pod, CORDON)) {
            return List.of("node(s) were unschedulable");
        }
        for (Taint taint : node.taints()) {
            if (taint.forbidsScheduling() && !tolerates(pod, taint)) {
                return List.of("node(s) had untolerated taint " + taint);
            }
        }
        if (node.ready() != Node.Ready.TRUE && !tolerates(pod, NOT_READY)) {
            return List.of("node(s) had untolerated taint " + NOT_READY);
        }
        if (!node.labels().entrySet().containsAll(pod.nodeSelector().entrySet())) {
            return List.of("node(s) didn't match Pod's node affinity/selector");
        }
        if (!node.runtimes().contains(pod.runtime())) {
            return List.of("node(s) didn't offer runtime " + pod.runtime());
        }
        if (pod.hostPorts().stream().anyMatch(usage::takes)) {
            return List.of("node(s) didn't have free ports for the requested pod ports");
        }
        return resources(pod.requests(), node, usage);
    }

    private static List<String> resources(Requests asked, Node node, Usage usage) {
        List<String> reasons = new ArrayList<>(0);
        Requests used = usage.sum();
        if (usage.pods() + 1 > node.pods()) {
            reasons.add("Too many pods");
        }
        if (asked.cpuMillis() > 0 && asked.cpuMillis() > node.cpuMillis() - used.cpuMillis()) {
            reasons.add("Insufficient cpu");
        }
        if (asked.memoryBytes() > 0 && asked.memoryBytes() > node.memoryBytes() - used.memoryBytes()) {
            reasons.add("Insufficient memory");
        }
        for (Map.Entry<String, Long> other : asked.others().entrySet()) {
            long free = node.others().getOrDefault(other.getKey(), 0L)
                    - used.others().getOrDefault(other.getKey(), 0L);
            if (other.getValue() > 0 && other.getValue() > free) {
                reasons.add("Insufficient " + other.getKey());
            }
        }
        return reasons;
    }

    private static boolean tolerates(SchedulablePod pod, Taint taint) {
        for (Toleration toleration : pod.tolerations()) {
            if (toleration.tolerates(taint)) {
                return true;
            }
        }
        return false;
    }

    /** Taints that only lower a node's score, and that the pod does not tolerate. */
    static int unwanted(SchedulablePod pod, Node node) {
        int count = 0;
        for (Taint taint : node.taints()) {
            if (taint.effect().equals(Taint.PREFER_NO_SCHEDULE) && !tolerates(pod, taint)) {
                count++;
            }
        }
        return count;
    }
}
