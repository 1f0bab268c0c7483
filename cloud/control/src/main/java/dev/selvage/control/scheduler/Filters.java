package dev.selvage.control.scheduler;

import dev.selvage.model.Node;
import dev.selvage.model.Taint;
import dev.selvage.model.Toleration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a node cannot take a pod by itself, whatever runs elsewhere; in upstream's order and words (kube-scheduler's
 * plugins NodeUnschedulable, TaintToleration, NodeAffinity, NodePorts, NodeResourcesFit), and ours for what nodes advertise.
 */
final class Filters {
    private static final Taint CORDON = new Taint("node.kubernetes.io/unschedulable", "", Taint.NO_SCHEDULE);
    private static final Taint NOT_READY = new Taint("node.kubernetes.io/not-ready", "", Taint.NO_SCHEDULE);

    private Filters() {}

    /** The reasons of the first filter that refuses; null where the pod fits. */
    static @Nullable Refusal refusal(SchedulablePod pod, Node node, Usage usage) {
        if (node.unschedulable() && !tolerates(pod, CORDON)) {
            return Refusal.lasting("node(s) were unschedulable");
        }
        @Nullable Taint taint = untolerated(pod, node);
        if (taint == null && node.ready() != Node.Ready.TRUE && !tolerates(pod, NOT_READY)) {
            taint = NOT_READY;
        }
        if (taint != null) {
            return Refusal.lasting("node(s) had untolerated taint " + taint);
        }
        if (!selects(pod, node)) {
            return Refusal.lasting("node(s) didn't match Pod's node affinity/selector");
        }
        if (!node.runtimes().contains(pod.wants().runtime())) {
            return Refusal.lasting("node(s) didn't offer runtime " + pod.wants().runtime());
        }
        for (SchedulablePod.HostPort port : pod.wants().hostPorts()) {
            if (usage.takes(port)) {
                return Refusal.resolvable("node(s) didn't have free ports for the requested pod ports");
            }
        }
        return resources(pod.requests(), node, usage);
    }

    /** nodeSelector and required node affinity, which must both hold. */
    static boolean selects(SchedulablePod pod, Node node) {
        for (Map.Entry<String, String> label : pod.wants().nodeSelector().entrySet()) {
            if (!label.getValue().equals(node.labels().get(label.getKey()))) {
                return false;
            }
        }
        NodeTerms terms = pod.placement().nodes();
        return terms == null || terms.matches(node);
    }

    /** The first taint that keeps the pod away; null where there is none. */
    static @Nullable Taint untolerated(SchedulablePod pod, Node node) {
        for (Taint taint : node.taints()) {
            if (taint.forbidsScheduling() && !tolerates(pod, taint)) {
                return taint;
            }
        }
        return null;
    }

    private static @Nullable Refusal resources(Requests asked, Node node, Usage usage) {
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
        return reasons.isEmpty() ? null : new Refusal(reasons, true);
    }

    static boolean tolerates(SchedulablePod pod, Taint taint) {
        for (Toleration toleration : pod.wants().tolerations()) {
            if (toleration.tolerates(taint)) {
                return true;
            }
        }
        return false;
    }
}
