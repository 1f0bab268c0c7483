package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;

/**
 * What the scheduler would decide about nodes and pods that are in no store, one pod after the other; for figures and what-if
 * questions. Not thread-safe.
 */
public final class DryRun {
    private final Cluster cluster = new Cluster();

    /** @param fits whether a node was found; {@code said} is its name, or the message that says why there is none */
    public record Decision(boolean fits, String said) {}

    public void node(ObjectNode node) {
        cluster.node(Node.of(node));
    }

    /** Decides about a pod; one that fits counts as bound from then on. */
    public Decision place(ObjectNode object) {
        SchedulablePod pod = SchedulablePod.of(ObjectKey.of(object), object);
        return switch (cluster.choose(pod)) {
            case Choice.Fits(String node) -> {
                cluster.pod(pod.on(node));
                yield new Decision(true, node);
            }
            case Choice.Nowhere(String message) -> new Decision(false, message);
            case Choice.Preempts preempts -> new Decision(false, preempts.message());
        };
    }
}
