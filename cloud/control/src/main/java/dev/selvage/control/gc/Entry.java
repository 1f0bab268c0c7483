package dev.selvage.control.gc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import java.util.List;

/** What garbage collection knows of one object. */
record Entry(ObjectKey key, String uid, List<Owner> owners, boolean deleting, boolean foreground, boolean orphan) {
    static final String FOREGROUND = "foregroundDeletion";
    static final String ORPHAN = "orphan";

    static Entry of(ObjectKey key, ObjectNode object) {
        List<String> finalizers = Meta.finalizers(object);
        return new Entry(
                key,
                Meta.uid(object),
                Owner.of(key, object),
                Meta.deleting(object),
                finalizers.contains(FOREGROUND),
                finalizers.contains(ORPHAN));
    }

    /** Deleted in the foreground: stays until its blocking dependents have gone. */
    boolean deletingDependents() {
        return deleting && foreground;
    }

    boolean orphaningDependents() {
        return deleting && orphan;
    }

    boolean blocks(String owner) {
        return owners.stream().anyMatch(o -> o.uid().equals(owner) && o.blocking());
    }
}
