package dev.selvage.control.gc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An owner as its dependent names it (upstream meta/v1 OwnerReference).
 *
 * @param key where the owner would be; empty where it cannot be found: a kind that is not served, or a namespaced owner
 *     of an object without namespace. Such an owner counts as present, for nobody can say that it is gone.
 * @param blocking blockOwnerDeletion: a foreground deletion of the owner waits for this dependent
 */
record Owner(Optional<ObjectKey> key, String uid, boolean blocking) {

    static List<Owner> of(ObjectKey dependent, ObjectNode object) {
        List<Owner> owners = new ArrayList<>();
        for (OwnerReference reference : Meta.ownerReferences(object)) {
            if (!reference.uid().isEmpty()) {
                owners.add(new Owner(locate(dependent, reference), reference.uid(), reference.blockOwnerDeletion()));
            }
        }
        return owners;
    }

    private static Optional<ObjectKey> locate(ObjectKey dependent, OwnerReference reference) {
        return Kinds.byKind(reference.apiVersion(), reference.kind())
                .filter(kind -> !kind.namespaced() || !dependent.namespace().isEmpty())
                .map(kind -> ObjectKey.of(kind, dependent.namespace(), reference.name()));
    }
}
