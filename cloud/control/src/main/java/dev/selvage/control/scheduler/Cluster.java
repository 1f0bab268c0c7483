package dev.selvage.control.scheduler;

import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler's picture of nodes and of what their pods take, kept up to date change by change. Not thread-safe: kept by
 * the scheduler's own thread, so a decision sees one state. A pod that was just bound counts at once, before the watch
 * tells of it.
 */
final class Cluster implements View {
    /** Of more nodes that can take a pod no more than these are compared, beginning elsewhere each time. */
    static final int MOST_COMPARED = 1_000;

    private final TreeMap<String, NodeState> states = new TreeMap<>();
    private final Map<ObjectKey, SchedulablePod> bound = new HashMap<>();
    private final Map<ObjectKey, SchedulablePod> nominated = new HashMap<>();
    private final Map<String, Map<String, String>> namespaces = new HashMap<>();
    private final Tallies tallies = new Tallies(namespaces);
    private final TermIndex repellers = new TermIndex(Placement::repels);
    private final TermIndex pullers = new TermIndex(Cluster::pulling);
    private final Images images = new Images();
    private final Refused refused = new Refused();
    private @Nullable List<NodeState> known;
    private int start;

    private static List<PodTerm> pulling(Placement placement) {
        if (placement.attracts().isEmpty()) {
            return placement.inclines();
        }
        List<PodTerm> all = new ArrayList<>(placement.attracts());
        all.addAll(placement.inclines());
        return all;
    }

    /** Returns whether anything changed that could make room for a waiting pod. */
    boolean node(Node node) {
        NodeState state = states.computeIfAbsent(node.name(), NodeState::new);
        Node before = state.node;
        if (node.equals(before)) {
            return false;
        }
        if (before != null) {
            images.count(before, -1);
        }
        images.count(node, 1);
        state.node = node;
        known = null;
        refused.clear();
        return true;
    }

    void nodeGone(String name) {
        NodeState state = states.get(name);
        if (state != null && state.node != null) {
            images.count(state.node, -1);
            state.node = null;
            known = null;
            refused.clear();
            prune(state);
        }
    }

    /** Returns whether anything changed that could make room for a waiting pod. */
    boolean namespace(String name, Map<String, String> labels) {
        if (Map.copyOf(labels).equals(namespaces.put(name, Map.copyOf(labels)))) {
            return false;
        }
        tallies.namespacesChanged();
        refused.clear();
        return true;
    }

    void namespaceGone(String name) {
        if (namespaces.remove(name) != null) {
            tallies.namespacesChanged();
            refused.clear();
        }
    }

    /** Takes note of a pod as it is now; returns whether that could make room for others. */
    boolean pod(SchedulablePod pod) {
        promise(pod);
        if (!pod.holdsResources()) {
            return unbind(pod.key());
        }
        SchedulablePod before = bound.get(pod.key());
        if (pod.equals(before)) {
            return false;
        }
        boolean moved = before != null && !sameUse(before, pod);
        unbind(pod.key());
        bound.put(pod.key(), pod);
        states.computeIfAbsent(pod.nodeName(), NodeState::new).usage.add(pod);
        count(pod, 1);
        return moved;
    }

    private static boolean sameUse(SchedulablePod one, SchedulablePod other) {
        return one.nodeName().equals(other.nodeName())
                && one.deleting() == other.deleting()
                && one.wants().equals(other.wants());
    }

    /** Returns whether that made room for others. */
    boolean podGone(ObjectKey key) {
        boolean promised = unpromise(key);
        return unbind(key) || promised;
    }

    private boolean unbind(ObjectKey key) {
        SchedulablePod before = bound.remove(key);
        if (before == null) {
            return false;
        }
        NodeState state = states.get(before.nodeName());
        if (state != null) {
            state.usage.remove(key);
            prune(state);
        }
        count(before, -1);
        return true;
    }

    private void count(SchedulablePod pod, int change) {
        tallies.count(pod, change);
        repellers.count(pod, change);
        pullers.count(pod, change);
        refused.clear();
    }

    /** Keeps the room that is being made for an unbound pod from others of its priority and below. */
    private void promise(SchedulablePod pod) {
        SchedulablePod before = nominated.get(pod.key());
        boolean wanted = pod.wantsNode() && !pod.nominatedNode().isEmpty();
        if (!wanted) {
            unpromise(pod.key());
        } else if (!pod.equals(before)) {
            unpromise(pod.key());
            nominated.put(pod.key(), pod);
            states.computeIfAbsent(pod.nominatedNode(), NodeState::new)
                    .nominated
                    .put(pod.key(), pod);
            refused.clear();
        }
    }

    private boolean unpromise(ObjectKey key) {
        SchedulablePod before = nominated.remove(key);
        NodeState state = before == null ? null : states.get(before.nominatedNode());
        if (state != null) {
            state.nominated.remove(key);
            refused.clear();
            prune(state);
        }
        return before != null;
    }

    private void prune(NodeState state) {
        if (state.empty()) {
            states.remove(state.name);
        }
    }

    int size() {
        return known().size();
    }

    /** The best of the nodes that can take the pod; or why none can, and what would have to go. */
    Choice choose(SchedulablePod pod) {
        List<NodeState> all = known();
        if (all.isEmpty()) {
            return new Choice.Nowhere("no nodes available to schedule pods");
        }
        Choice before = refused.find(pod);
        if (before != null) {
            return before;
        }
        Attempt attempt = new Attempt(pod, this);
        List<NodeState> fitting = new ArrayList<>();
        Map<NodeState, Refusal> refusals = new LinkedHashMap<>();
        int first = all.size() > MOST_COMPARED ? start++ : 0;
        for (int i = 0; i < all.size() && fitting.size() < MOST_COMPARED; i++) {
            NodeState state = all.get(Math.floorMod(first + i, all.size()));
            Refusal refusal = attempt.refusal(state);
            if (refusal == null) {
                fitting.add(state);
            } else if (fitting.isEmpty()) {
                refusals.put(state, refusal);
            }
        }
        if (!fitting.isEmpty()) {
            return new Choice.Fits(Scores.best(pod, fitting, this, images, all.size()).name);
        }
        Map<String, Integer> reasons = new HashMap<>();
        refusals.values()
                .forEach(refusal -> refusal.reasons().forEach(reason -> reasons.merge(reason, 1, Integer::sum)));
        Choice choice = Preemption.choose(pod, attempt, refusals, Words.fitError(all.size(), reasons));
        refused.remember(pod, choice);
        return choice;
    }

    private List<NodeState> known() {
        List<NodeState> list = known;
        if (list == null) {
            list = states.values().stream().filter(state -> state.node != null).toList();
            known = list;
        }
        return list;
    }

    @Override
    public Iterable<NodeState> states() {
        return states.values();
    }

    @Override
    public @Nullable NodeState state(String node) {
        return states.get(node);
    }

    @Override
    public Tallies tallies() {
        return tallies;
    }

    @Override
    public TermIndex repellers() {
        return repellers;
    }

    @Override
    public TermIndex pullers() {
        return pullers;
    }

    @Override
    public boolean in(PodGroup group, SchedulablePod pod) {
        return group.contains(pod, namespaces);
    }
}
