package dev.selvage.control.scheduler;

import dev.selvage.model.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The constraints DoNotSchedule of one pod (upstream's plugin PodTopologySpread). Made for one decision. */
final class SpreadCheck {
    static final String SKEWED = "node(s) didn't match pod topology spread constraints";
    static final String UNLABELLED = SKEWED + " (missing required label)";

    private final List<Counted> counted = new ArrayList<>();
    private final View view;

    private static final class Counted {
        final SpreadRule rule;
        final Tallies.Question question;
        final Map<String, Integer> pods = new HashMap<>();
        final Set<String> nodes = new HashSet<>();
        final boolean self;
        int least = -1;

        Counted(SpreadRule rule, boolean self) {
            this.rule = rule;
            this.question = new Tallies.Question(List.of(rule.group()), true);
            this.self = self;
        }

        /** Pods in the domain that has fewest; with fewer domains than wanted, none. */
        int least() {
            if (least < 0) {
                least = pods.size() < rule.minDomains()
                        ? 0
                        : pods.values().stream()
                                .mapToInt(Integer::intValue)
                                .min()
                                .orElse(0);
            }
            return least;
        }
    }

    private SpreadCheck(View view) {
        this.view = view;
    }

    /** Null where the pod has no such constraint. */
    static @Nullable SpreadCheck of(SchedulablePod pod, View view) {
        List<SpreadRule> rules = pod.placement().hardSpread();
        if (rules.isEmpty()) {
            return null;
        }
        SpreadCheck check = new SpreadCheck(view);
        for (SpreadRule rule : rules) {
            Counted counted = new Counted(rule, view.in(rule.group(), pod));
            Map<String, Integer> tally = view.tally(counted.question);
            for (NodeState state : view.states()) {
                if (labelled(state, rules) && counts(rule, pod, state)) {
                    counted.nodes.add(state.name);
                    counted.pods.merge(
                            String.valueOf(state.label(rule.topologyKey())),
                            tally.getOrDefault(state.name, 0),
                            Integer::sum);
                }
            }
            check.counted.add(counted);
        }
        return check;
    }

    static boolean labelled(NodeState state, List<SpreadRule> rules) {
        for (SpreadRule rule : rules) {
            if (state.label(rule.topologyKey()) == null) {
                return false;
            }
        }
        return true;
    }

    /** Whether the pods of a node count for a rule (nodeAffinityPolicy, nodeTaintsPolicy). */
    static boolean counts(SpreadRule rule, SchedulablePod pod, NodeState state) {
        Node node = state.node;
        return node != null
                && (!rule.honorAffinity() || Filters.selects(pod, node))
                && (!rule.honorTaints() || Filters.untolerated(pod, node) == null);
    }

    @Nullable
    Refusal refusal(NodeState node) {
        for (Counted each : counted) {
            String domain = node.label(each.rule.topologyKey());
            if (domain == null) {
                return Refusal.lasting(UNLABELLED);
            }
            int skew = each.pods.getOrDefault(domain, 0) + (each.self ? 1 : 0) - each.least();
            if (skew > each.rule.maxSkew()) {
                return Refusal.resolvable(SKEWED);
            }
        }
        return null;
    }

    /** As if a pod came to the node (1) or left it (-1). */
    void count(SchedulablePod other, NodeState node, int change) {
        for (Counted each : counted) {
            String domain = node.label(each.rule.topologyKey());
            if (domain != null
                    && each.nodes.contains(node.name)
                    && view.tallies().contains(each.question, other)) {
                each.pods.merge(domain, change, Integer::sum);
                each.least = -1;
            }
        }
    }
}
