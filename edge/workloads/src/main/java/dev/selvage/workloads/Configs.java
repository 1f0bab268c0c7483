package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;
import java.util.Optional;

/** The ConfigMaps and Secrets this node holds. Called from many threads; answers from local state, never from the link. */
@FunctionalInterface
public interface Configs {
    Optional<ObjectNode> get(ObjectKey key);
}
