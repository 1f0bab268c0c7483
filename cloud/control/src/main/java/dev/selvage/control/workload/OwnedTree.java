package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import java.util.Map;
import java.util.Optional;

/** An owned object that is kept as its tree. */
interface OwnedTree extends Owned {
    ObjectNode object();

    @Override
    default ObjectKey key() {
        return ObjectKey.of(object());
    }

    @Override
    default String uid() {
        return Meta.uid(object());
    }

    @Override
    default Optional<OwnerReference> controller() {
        return Owned.controllerOf(object());
    }

    @Override
    default Map<String, String> labels() {
        return Meta.labels(object());
    }

    @Override
    default boolean deleting() {
        return Meta.deleting(object());
    }
}
