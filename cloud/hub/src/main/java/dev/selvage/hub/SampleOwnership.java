package dev.selvage.hub;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whose samples a node may store (design "Security": default deny): its own figures, and those of namespaces that it has a pod or a device in,
 * its own figures there among them.
 * A namespace that it has left since stays open to it, for its backlog may still hold windows of then; series are kept by node, so that it touches
 * no other node's.
 */
final class SampleOwnership {
    static final String OWN_SOURCE = "node";
    static final String OWN_NAMESPACE = "selvage-system";
    /** Questions to telemetry about namespaces for one batch: who names more of them has no answer coming. */
    private static final int MAX_QUESTIONS = 16;

    private final String node;
    private final SliceIndex index;
    private final LaneSink telemetry;
    private final Set<String> left = new HashSet<>();
    private final Set<String> foreign = new HashSet<>();
    private Set<String> present = Set.of();

    SampleOwnership(String node, SliceIndex index, LaneSink telemetry) {
        this.node = node;
        this.index = index;
        this.telemetry = telemetry;
    }

    /** Looks at the slice anew. */
    void nextBatch() {
        present = index.namespaces(node);
        foreign.clear();
    }

    /** Why the sample is not this node's to store; empty when it is. */
    Optional<String> objection(String namespace, String source, String key) {
        if (source.equals(OWN_SOURCE)) {
            if (!key.equals(node)) {
                return Optional.of("node " + node + " claims to be " + key);
            }
            if (namespace.isEmpty() || namespace.equals(OWN_NAMESPACE)) {
                return Optional.empty();
            }
        }
        return present.contains(namespace) || had(namespace)
                ? Optional.empty()
                : Optional.of("node " + node + " has nothing in namespace " + namespace);
    }

    private boolean had(String namespace) {
        if (left.contains(namespace)) {
            return true;
        }
        if (foreign.contains(namespace) || foreign.size() >= MAX_QUESTIONS) {
            return false;
        }
        boolean stores = telemetry.stores(node, namespace);
        (stores ? left : foreign).add(namespace);
        return stores;
    }
}
