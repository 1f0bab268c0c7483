package dev.selvage.control.scheduler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The constraints ScheduleAnyway of one pod as a score (upstream's plugin PodTopologySpread). */
final class SpreadScore {
    private SpreadScore() {}

    /** @param nodes those that can take the pod; those without a label that a constraint names score nothing */
    static void add(SchedulablePod pod, List<NodeState> nodes, View view, long[] sums, int weight) {
        List<SpreadRule> rules = pod.placement().softSpread();
        double[] raw = new double[sums.length];
        for (SpreadRule rule : rules) {
            Map<String, Integer> pods = count(rule, rules, pod, view);
            long domains = nodes.stream()
                    .filter(node -> SpreadCheck.labelled(node, rules))
                    .map(node -> node.label(rule.topologyKey()))
                    .distinct()
                    .count();
            double importance = Math.log(domains + 2.0); // a rule over few domains would outvote one over many
            for (int i = 0; i < raw.length; i++) {
                if (SpreadCheck.labelled(nodes.get(i), rules)) {
                    String domain = String.valueOf(nodes.get(i).label(rule.topologyKey()));
                    raw[i] += pods.getOrDefault(domain, 0) * importance + (rule.maxSkew() - 1);
                }
            }
        }
        normalize(nodes, rules, raw, sums, weight);
    }

    private static Map<String, Integer> count(SpreadRule rule, List<SpreadRule> rules, SchedulablePod pod, View view) {
        Map<String, Integer> pods = new HashMap<>();
        view.tally(new Tallies.Question(List.of(rule.group()), true)).forEach((name, count) -> {
            NodeState state = view.state(name);
            if (state != null && SpreadCheck.labelled(state, rules) && SpreadCheck.counts(rule, pod, state)) {
                pods.merge(String.valueOf(state.label(rule.topologyKey())), count, Integer::sum);
            }
        });
        return pods;
    }

    private static void normalize(
            List<NodeState> nodes, List<SpreadRule> rules, double[] raw, long[] sums, int weight) {
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < raw.length; i++) {
            if (SpreadCheck.labelled(nodes.get(i), rules)) {
                least = Math.min(least, Math.round(raw[i]));
                most = Math.max(most, Math.round(raw[i]));
            }
        }
        for (int i = 0; i < raw.length; i++) {
            if (SpreadCheck.labelled(nodes.get(i), rules)) {
                sums[i] += weight * (most == 0 ? 100 : 100 * (most + least - Math.round(raw[i])) / most);
            }
        }
    }
}
