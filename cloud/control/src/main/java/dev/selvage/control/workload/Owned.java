package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import java.util.Map;
import java.util.Optional;

/** An object that a controller may own. */
interface Owned {
    ObjectKey key();

    String uid();

    /** The owner that controls it. */
    Optional<OwnerReference> controller();

    Map<String, String> labels();

    boolean deleting();

    default String controllerUid() {
        return controller().map(OwnerReference::uid).orElse("");
    }

    static Optional<OwnerReference> controllerOf(JsonNode object) {
        return Meta.ownerReferences(object).stream()
                .filter(OwnerReference::controller)
                .findFirst();
    }
}
