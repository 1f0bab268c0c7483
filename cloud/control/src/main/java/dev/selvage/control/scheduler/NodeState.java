package dev.selvage.control.scheduler;

import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node and what is on it. Not thread-safe. */
final class NodeState {
    final String name;
    final Usage usage = new Usage();
    /** Pods for which room is being made here. */
    final Map<ObjectKey, SchedulablePod> nominated = new LinkedHashMap<>(0);

    /** Null for a node that is not known, but has pods. */
    @Nullable
    Node node;

    NodeState(String name) {
        this.name = name;
    }

    boolean empty() {
        return node == null && usage.pods() == 0 && nominated.isEmpty();
    }

    /** The value of a label of the node; null where it has none. */
    @Nullable
    String label(String key) {
        Node known = node;
        return known == null ? null : known.labels().get(key);
    }
}
