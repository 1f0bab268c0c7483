package dev.selvage.control.scheduler;

import dev.selvage.model.Node;
import dev.selvage.model.Taint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the node that could take a pod at the smallest cost to others (upstream's plugin DefaultPreemption): on each
 * node all pods of lower priority are thought away, and as many as possible taken back, the highest first. Then the
 * node counts whose highest victim is lowest, then the smallest sum of priorities, the fewest victims, and the
 * youngest highest victim. Pods on nodes that cannot be reached are never chosen: they would not go.
 */
final class Preemption {
    private static final int LEAST_CANDIDATES = 100;
    private static final String NOT_HELPFUL = "Preemption is not helpful for scheduling";
    private static final String NO_VICTIMS = "No preemption victims found for incoming pod";
    /** The more important a pod, the earlier it stands here: higher priority, or else longer running. */
    private static final Comparator<SchedulablePod> IMPORTANT_FIRST = Comparator.comparingInt(SchedulablePod::priority)
            .reversed()
            .thenComparing(SchedulablePod::since)
            .thenComparing(pod -> pod.key().name());

    private final SchedulablePod pod;
    private final Attempt attempt;
    private final List<Candidate> candidates = new ArrayList<>();
    private final Map<String, Integer> reasons = new TreeMap<>();

    /** @param victims the most important first, never empty */
    private record Candidate(NodeState node, List<SchedulablePod> victims) {
        static final Comparator<Candidate> CHEAPEST = Comparator.comparingInt(Candidate::highest)
                .thenComparingLong(Candidate::sum)
                .thenComparingInt(candidate -> candidate.victims.size())
                .thenComparing(candidate -> candidate.earliestOfHighest(), Comparator.reverseOrder());

        int highest() {
            return victims.getFirst().priority();
        }

        /** Shifted, so that more victims of a priority below 0 do not look cheaper. */
        long sum() {
            return victims.stream()
                    .mapToLong(victim -> victim.priority() + (long) Integer.MAX_VALUE + 1)
                    .sum();
        }

        String earliestOfHighest() {
            return victims.stream()
                    .filter(victim -> victim.priority() == highest())
                    .map(SchedulablePod::since)
                    .min(Comparator.naturalOrder())
                    .orElse("");
        }
    }

    private Preemption(SchedulablePod pod, Attempt attempt) {
        this.pod = pod;
        this.attempt = attempt;
    }

    /**
     * @param refusals of the nodes, in an order that begins elsewhere each time: after enough candidates no more are sought
     * @param message why no node can take the pod as it is
     */
    static Choice choose(SchedulablePod pod, Attempt attempt, Map<NodeState, Refusal> refusals, String message) {
        if (!pod.wants().preempts()) {
            return new Choice.Nowhere(message + " preemption: not eligible due to preemptionPolicy=Never.");
        }
        for (NodeState state : refusals.keySet()) {
            if (state.name.equals(pod.nominatedNode()) && makesRoom(state, pod)) {
                return new Choice.Nowhere(
                        message + " preemption: not eligible due to terminating pod on the nominated node.");
            }
        }
        return new Preemption(pod, attempt).choose(refusals, message);
    }

    /** Whether pods that the given one outranks are on their way out there already. */
    private static boolean makesRoom(NodeState state, SchedulablePod pod) {
        return state.usage.all().stream().anyMatch(other -> other.deleting() && other.priority() < pod.priority());
    }

    private Choice choose(Map<NodeState, Refusal> refusals, String message) {
        int enough = Math.max(LEAST_CANDIDATES, refusals.size() / 10);
        for (Map.Entry<NodeState, Refusal> each : refusals.entrySet()) {
            if (candidates.size() >= enough) {
                break;
            }
            consider(each.getKey(), each.getValue());
        }
        return candidates.stream()
                .min(Candidate.CHEAPEST)
                .<Choice>map(best -> new Choice.Preempts(best.node.name, best.victims, message))
                .orElseGet(
                        () -> new Choice.Nowhere(message + " preemption: " + Words.fitError(refusals.size(), reasons)));
    }

    private void consider(NodeState state, Refusal refusal) {
        if (!refusal.resolvable() || !reachable(state)) {
            reasons.merge(NOT_HELPFUL, 1, Integer::sum);
            return;
        }
        List<SchedulablePod> lower = state.usage.all().stream()
                .filter(other -> other.priority() < pod.priority())
                .sorted(IMPORTANT_FIRST)
                .toList();
        if (lower.isEmpty()) {
            reasons.merge(NO_VICTIMS, 1, Integer::sum);
            return;
        }
        Usage without = state.usage.copy();
        lower.forEach(other -> leave(other, state, without));
        @Nullable Refusal still = attempt.refusal(state, without);
        List<SchedulablePod> victims = new ArrayList<>();
        if (still != null) {
            still.reasons().forEach(reason -> reasons.merge(reason, 1, Integer::sum));
        } else {
            for (SchedulablePod other : lower) {
                come(other, state, without);
                if (attempt.refusal(state, without) != null) {
                    leave(other, state, without);
                    victims.add(other);
                }
            }
        }
        undo(still == null ? victims : lower, state);
        if (!victims.isEmpty()) {
            candidates.add(new Candidate(state, victims));
        } else if (still == null) {
            reasons.merge(NO_VICTIMS, 1, Integer::sum); // only promised pods are in the way
        }
    }

    private void leave(SchedulablePod other, NodeState state, Usage usage) {
        usage.remove(other.key());
        attempt.count(other, state, -1);
    }

    private void come(SchedulablePod other, NodeState state, Usage usage) {
        usage.add(other);
        attempt.count(other, state, 1);
    }

    private void undo(List<SchedulablePod> gone, NodeState state) {
        gone.forEach(other -> attempt.count(other, state, 1));
    }

    private static boolean reachable(NodeState state) {
        Node node = state.node;
        return node != null
                && node.ready() == Node.Ready.TRUE
                && node.taints().stream().noneMatch(taint -> taint.key().equals(Taint.UNREACHABLE));
    }
}
