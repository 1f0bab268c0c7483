package dev.selvage.store;

import org.jspecify.annotations.Nullable;

/**
 * How to delete (upstream's DeleteOptions).
 *
 * @param uid precondition, null for none
 * @param revision precondition, null for none
 * @param graceSeconds null for the pod's own; 0 removes a pod without waiting for its node
 * @param now remove for good, whatever the grace: the node has confirmed, or there is no node. Finalizers still hold
 */
public record DeleteOptions(
        @Nullable String uid,
        @Nullable Long revision,
        Propagation propagation,
        @Nullable Long graceSeconds,
        boolean now,
        boolean dryRun) {

    /** What happens to the objects that this one owns. */
    public enum Propagation {
        BACKGROUND,
        FOREGROUND,
        ORPHAN
    }

    public static final DeleteOptions DEFAULT =
            new DeleteOptions(null, null, Propagation.BACKGROUND, null, false, false);

    /** Final removal of the object with this uid. */
    public static DeleteOptions now(String uid) {
        return new DeleteOptions(uid, null, Propagation.BACKGROUND, 0L, true, false);
    }

    /** Deletes the object only if it is this one. */
    public static DeleteOptions ofUid(String uid) {
        return new DeleteOptions(uid, null, Propagation.BACKGROUND, null, false, false);
    }
}
