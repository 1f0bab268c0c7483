package dev.selvage.control.gc;

import dev.selvage.model.ObjectKey;
import java.util.Set;

/** One step of garbage collection; each names the uid that it was decided for, so that a successor is never hit. */
sealed interface Action {
    /** @param suspects owners that the graph does not know, to be looked up before the object is deleted */
    record Delete(ObjectKey key, String uid, boolean foreground, Set<Owner> suspects) implements Action {}

    record DropOwners(ObjectKey key, String uid, Set<String> owners, Set<Owner> suspects) implements Action {}

    record RemoveFinalizer(ObjectKey key, String uid, String finalizer) implements Action {}
}
