package dev.selvage.control.scheduler;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the checks of one decision see of the cluster; nothing changes while one is made. */
interface View {
    /** All nodes, also those that are known by their pods alone. */
    Iterable<NodeState> states();

    @Nullable
    NodeState state(String node);

    Tallies tallies();

    /** Required anti-affinity terms of bound pods. */
    TermIndex repellers();

    /** Terms of bound pods that pull or push others without forbidding anything. */
    TermIndex pullers();

    /** Whether the labels and namespace of the pod put it in the group. */
    boolean in(PodGroup group, SchedulablePod pod);

    default Map<String, Integer> tally(Tallies.Question question) {
        return tallies().of(question, states());
    }
}
