package dev.selvage.control.scheduler;

import dev.selvage.model.Node;
import dev.selvage.model.Taint;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which of the nodes that can take a pod suits it best: upstream's default score plugins with their weights
 * (TaintToleration 3; NodeAffinity, PodTopologySpread and InterPodAffinity 2; NodeResourcesFit,
 * NodeResourcesBalancedAllocation and ImageLocality 1), each from 0 to 100. Of equals the one with the smallest share of its
 * pods taken is best, then the first by name, where upstream draws lots.
 */
final class Scores {
    private static final int REQUIRED_AFFINITY = 1; // upstream's hardPodAffinityWeight

    private final SchedulablePod pod;
    private final List<NodeState> nodes;
    private final View view;
    private final long[] sums;

    private Scores(SchedulablePod pod, List<NodeState> nodes, View view) {
        this.pod = pod;
        this.nodes = nodes;
        this.view = view;
        this.sums = new long[nodes.size()];
    }

    /** @param nodes not empty, by name */
    static NodeState best(SchedulablePod pod, List<NodeState> nodes, View view, Images images, int allNodes) {
        if (nodes.size() == 1) {
            return nodes.getFirst();
        }
        Scores scores = new Scores(pod, nodes, view);
        scores.taints();
        scores.nodeAffinity();
        scores.podAffinity();
        if (!pod.placement().softSpread().isEmpty()) {
            SpreadScore.add(pod, nodes, view, scores.sums, 2);
        }
        for (int i = 0; i < nodes.size(); i++) {
            Node node = node(nodes.get(i));
            scores.sums[i] += leastAllocated(pod, node, nodes.get(i).usage)
                    + balanced(pod, node, nodes.get(i).usage)
                    + images.score(pod.wants().images(), node, allNodes);
        }
        return scores.best();
    }

    private NodeState best() {
        int best = 0;
        for (int i = 1; i < sums.length; i++) {
            if (sums[i] > sums[best] || (sums[i] == sums[best] && podShare(i) < podShare(best))) {
                best = i;
            }
        }
        return nodes.get(best);
    }

    private double podShare(int i) {
        return (double) nodes.get(i).usage.pods()
                / Math.max(1, node(nodes.get(i)).pods());
    }

    private void taints() {
        long[] unwanted = new long[sums.length];
        for (int i = 0; i < sums.length; i++) {
            for (Taint taint : node(nodes.get(i)).taints()) {
                if (taint.effect().equals(Taint.PREFER_NO_SCHEDULE) && !Filters.tolerates(pod, taint)) {
                    unwanted[i]++;
                }
            }
        }
        addShare(unwanted, -3);
    }

    private void nodeAffinity() {
        List<NodeTerms.Term> preferred = pod.placement().preferredNodes();
        if (preferred.isEmpty()) {
            return;
        }
        long[] weights = new long[sums.length];
        for (int i = 0; i < sums.length; i++) {
            for (NodeTerms.Term term : preferred) {
                weights[i] += term.matches(node(nodes.get(i))) ? term.weight() : 0;
            }
        }
        addShare(weights, 2);
    }

    private void podAffinity() {
        Domains domains = new Domains();
        for (PodTerm term : pod.placement().inclines()) {
            view.tally(new Tallies.Question(List.of(term.group()), false))
                    .forEach((node, count) ->
                            domains.add(view.state(node), term.topologyKey(), (long) count * term.weight()));
        }
        for (Map.Entry<PodTerm, Map<String, Integer>> each :
                view.pullers().all().entrySet()) {
            PodTerm term = each.getKey();
            long weight = term.weight() == 0 ? REQUIRED_AFFINITY : term.weight();
            if (view.in(term.group(), pod)) {
                each.getValue()
                        .forEach((node, count) -> domains.add(view.state(node), term.topologyKey(), count * weight));
            }
        }
        if (domains.empty()) {
            return;
        }
        long[] found = new long[sums.length];
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        for (int i = 0; i < sums.length; i++) {
            found[i] = domains.at(nodes.get(i));
            least = Math.min(least, found[i]);
            most = Math.max(most, found[i]);
        }
        for (int i = 0; i < sums.length && most > least; i++) {
            sums[i] += 2 * (100 * (found[i] - least) / (most - least));
        }
    }

    /** Upstream's DefaultNormalizeScore: shares of the largest; with a weight below 0 the largest is worst. */
    private void addShare(long[] values, int weight) {
        long most = 0;
        for (long value : values) {
            most = Math.max(most, value);
        }
        for (int i = 0; i < sums.length; i++) {
            long share = most == 0 ? 0 : 100 * values[i] / most;
            sums[i] += weight > 0 ? weight * share : -weight * (100 - share);
        }
    }

    private static long leastAllocated(SchedulablePod pod, Node node, Usage usage) {
        long cpu = free(usage.scored().cpuMillis() + pod.wants().scored().cpuMillis(), node.cpuMillis());
        long memory = free(usage.scored().memoryBytes() + pod.wants().scored().memoryBytes(), node.memoryBytes());
        int counted = (node.cpuMillis() > 0 ? 1 : 0) + (node.memoryBytes() > 0 ? 1 : 0);
        return counted == 0 ? 0 : (cpu + memory) / counted;
    }

    private static long free(long asked, long all) {
        return all <= 0 || asked > all ? 0 : (all - asked) * 100 / all;
    }

    private static long balanced(SchedulablePod pod, Node node, Usage usage) {
        if (node.cpuMillis() <= 0 || node.memoryBytes() <= 0) {
            return 100;
        }
        double cpu = used(usage.sum().cpuMillis() + pod.requests().cpuMillis(), node.cpuMillis());
        double memory = used(usage.sum().memoryBytes() + pod.requests().memoryBytes(), node.memoryBytes());
        return (long) ((1 - Math.abs(cpu - memory) / 2) * 100);
    }

    private static double used(long asked, long all) {
        return Math.min(1, (double) asked / all);
    }

    private static Node node(NodeState state) {
        return Objects.requireNonNull(state.node, "a node that was chosen is known");
    }
}
