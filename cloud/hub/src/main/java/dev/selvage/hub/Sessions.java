package dev.selvage.hub;

import dev.selvage.model.Metrics;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The sessions of this hub, one per node: a later one ends the one before. */
final class Sessions {
    private final ConcurrentMap<String, NodeSession> byNode = new ConcurrentHashMap<>();
    private final Takeovers takeovers = new Takeovers();

    Takeovers takeovers() {
        return takeovers;
    }

    /** Ends the node's session before, and waits for its end; false when a later one is there already. */
    boolean begin(NodeSession session) throws InterruptedException {
        NodeSession[] before = new NodeSession[1];
        NodeSession now = byNode.compute(session.node(), (node, present) -> {
            before[0] = present;
            return present != null && present.epoch() > session.epoch() ? present : session;
        });
        if (now == session && before[0] != null) {
            takeovers.count(session.node());
            before[0].end("the node began a later session (" + session.epoch() + ")");
            before[0].awaitEnd();
        }
        return now == session;
    }

    void end(NodeSession session) {
        session.ended();
        byNode.remove(session.node(), session);
    }

    Optional<NodeSession> of(String node) {
        return Optional.ofNullable(byNode.get(node));
    }

    Set<String> nodes() {
        return Set.copyOf(byNode.keySet());
    }

    void measure(Metrics into) {
        int lanes = 0;
        int bytes = 0;
        double messages = 0;
        double mayBurst = 1;
        for (NodeSession session : byNode.values()) {
            lanes = Math.max(lanes, session.lanesWaiting());
            bytes = Math.max(bytes, session.connection().queuedBytes());
            messages = Math.max(messages, session.connection().spent());
            mayBurst = Math.max(mayBurst, session.connection().burst());
        }
        into.gauge("selvage_hub_sessions", "nodes that are linked here", byNode.size());
        into.limit("hub_node_lane_batches", lanes, LaneReceiver.QUEUE);
        into.limit("hub_node_queued_bytes", bytes, NodeConnection.MAX_QUEUED_BYTES);
        into.limit("hub_node_messages", messages, mayBurst);
    }

    void changed(Collection<String> nodes) {
        nodes.forEach(node -> of(node).ifPresent(NodeSession::sliceChanged));
    }

    /** Ends the node's session if it is not later than {@code epoch}. */
    void supersede(String node, long epoch) {
        of(node).filter(session -> session.epoch() <= epoch).ifPresent(session -> {
            takeovers.count(node);
            session.end("the node has a later session at another hub");
        });
    }

    /** Every node that takes trust bundles is told whom to trust now. */
    void trustChanged() {
        List.copyOf(byNode.values()).forEach(NodeSession::trustChanged);
    }

    void endAll(String reason) {
        List.copyOf(byNode.values()).forEach(session -> session.end(reason));
    }
}
