package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Meta;
import dev.selvage.store.Outcome;

/** Takes objects under a workload's control and lets go of them (upstream's PodControllerRefManager). */
record Adoption(Writer writer) {
    /** Returns whether the object is the owner's now; another may have been faster. */
    boolean adopt(ObjectNode owner, Owned found) {
        return writer.mutate(found.key(), found.uid(), object -> {
                    if (Owned.controllerOf(object).isPresent() || Meta.deleting(object)) {
                        return false;
                    }
                    PodTemplate.own(object, owner);
                    return true;
                })
                instanceof Outcome.Committed;
    }

    void release(ObjectNode owner, Owned found) {
        writer.mutate(found.key(), found.uid(), object -> {
            ArrayNode owners = Meta.of(object).withArray("ownerReferences");
            boolean changed = false;
            for (int i = owners.size() - 1; i >= 0; i--) {
                if (owners.get(i).path("uid").asText().equals(Meta.uid(owner))) {
                    owners.remove(i);
                    changed = true;
                }
            }
            return changed;
        });
    }
}
