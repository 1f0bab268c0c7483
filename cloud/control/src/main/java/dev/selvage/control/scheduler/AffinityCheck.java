package dev.selvage.control.scheduler;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Required affinity and anti-affinity of one pod to others, and the anti-affinity of the others to it (upstream's plugin
 * InterPodAffinity). Made for one decision.
 */
final class AffinityCheck {
    private final SchedulablePod pod;
    private final View view;
    private final Tallies.Question attracted;
    private final Domains attracting = new Domains();
    private final Domains[] repelling;
    private final Domains repellers = new Domains();

    private AffinityCheck(SchedulablePod pod, View view) {
        this.pod = pod;
        this.view = view;
        this.attracted = new Tallies.Question(
                pod.placement().attracts().stream().map(PodTerm::group).toList(), false);
        this.repelling = new Domains[pod.placement().repels().size()];
    }

    /** Null where neither the pod nor any other has such terms that concern it. */
    static @Nullable AffinityCheck of(SchedulablePod pod, View view) {
        AffinityCheck check = new AffinityCheck(pod, view);
        List<PodTerm> attracts = pod.placement().attracts();
        List<PodTerm> repels = pod.placement().repels();
        if (!attracts.isEmpty()) {
            view.tally(check.attracted)
                    .forEach((node, count) -> attracts.forEach(
                            term -> check.attracting.add(view.state(node), term.topologyKey(), count)));
        }
        for (int i = 0; i < repels.size(); i++) {
            Domains domains = new Domains();
            check.repelling[i] = domains;
            PodTerm term = repels.get(i);
            view.tally(new Tallies.Question(List.of(term.group()), false))
                    .forEach((node, count) -> domains.add(view.state(node), term.topologyKey(), count));
        }
        for (Map.Entry<PodTerm, Map<String, Integer>> each :
                view.repellers().all().entrySet()) {
            PodTerm term = each.getKey();
            if (view.in(term.group(), pod)) {
                each.getValue()
                        .forEach((node, count) -> check.repellers.add(view.state(node), term.topologyKey(), count));
            }
        }
        return attracts.isEmpty() && repels.isEmpty() && check.repellers.empty() ? null : check;
    }

    @Nullable
    Refusal refusal(NodeState node) {
        if (!attracted(node)) {
            return Refusal.lasting("node(s) didn't match pod affinity rules");
        }
        for (int i = 0; i < repelling.length; i++) {
            if (repelling[i].at(node, pod.placement().repels().get(i).topologyKey()) > 0) {
                return Refusal.resolvable("node(s) didn't match pod anti-affinity rules");
            }
        }
        return repellers.at(node) > 0
                ? Refusal.resolvable("node(s) didn't satisfy existing pods anti-affinity rules")
                : null;
    }

    private boolean attracted(NodeState node) {
        boolean found = true;
        for (PodTerm term : pod.placement().attracts()) {
            if (node.label(term.topologyKey()) == null) {
                return false;
            }
            found &= attracting.at(node, term.topologyKey()) > 0;
        }
        // The first of a group that wants to be together would wait for ever.
        return found || (attracting.empty() && view.tallies().contains(attracted, pod));
    }

    /** As if a pod came to the node (1) or left it (-1). */
    void count(SchedulablePod other, NodeState node, int change) {
        if (!pod.placement().attracts().isEmpty() && view.tallies().contains(attracted, other)) {
            pod.placement().attracts().forEach(term -> attracting.add(node, term.topologyKey(), change));
        }
        for (int i = 0; i < repelling.length; i++) {
            PodTerm term = pod.placement().repels().get(i);
            if (view.in(term.group(), other)) {
                repelling[i].add(node, term.topologyKey(), change);
            }
        }
        for (PodTerm term : view.repellers().of(other)) {
            if (view.in(term.group(), pod)) {
                repellers.add(node, term.topologyKey(), change);
            }
        }
    }
}
