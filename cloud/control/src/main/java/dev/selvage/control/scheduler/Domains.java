package dev.selvage.control.scheduler;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sums by topology domain, which is a label's key and value. Not thread-safe. */
final class Domains {
    private final Map<String, Map<String, Long>> sums = new HashMap<>();

    /** Adds to the domain that the node is in; nothing where it has no such label. */
    void add(@Nullable NodeState node, String topologyKey, long change) {
        String value = node == null ? null : node.label(topologyKey);
        if (value != null && change != 0) {
            sums.computeIfAbsent(topologyKey, key -> new HashMap<>())
                    .merge(value, change, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    long at(NodeState node, String topologyKey) {
        Map<String, Long> values = sums.get(topologyKey);
        String value = values == null ? null : node.label(topologyKey);
        return values == null || value == null ? 0 : values.getOrDefault(value, 0L);
    }

    /** The sum over all domains that the node is in. */
    long at(NodeState node) {
        long sum = 0;
        for (String key : sums.keySet()) {
            sum += at(node, key);
        }
        return sum;
    }

    boolean empty() {
        return sums.values().stream().allMatch(Map::isEmpty);
    }
}
