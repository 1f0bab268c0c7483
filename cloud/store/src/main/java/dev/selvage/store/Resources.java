package dev.selvage.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The objects, with the meaning that Kubernetes gives to their writes. The API, the controllers and the hub alike go through here. Reads come
 * from the watch cache and include every write that this process has seen committed; {@link #freshen} adds those of other processes.
 *
 * <p>Every write throws {@link StoreUnavailableException} when the database cannot be reached; reads go on.
 */
public interface Resources {
    /** The largest object, in bytes of JSON. */
    int MAX_OBJECT_BYTES = 3 << 19;

    default Outcome create(ObjectNode object) {
        return create(object, false);
    }

    /**
     * Creates: sets uid, creationTimestamp and generation, makes a name from generateName, and starts kinds with a status subresource without
     * a status (a Pod as Pending, a Namespace as Active; a Node keeps what it registers with).
     */
    Outcome create(ObjectNode object, boolean dryRun);

    default Outcome replace(ObjectNode object) {
        return replace(object, false);
    }

    /**
     * Replaces everything but the status and what the system owns in metadata. resourceVersion and uid in the body are preconditions where
     * they are given. Generation moves on a change outside metadata and status; a write that changes nothing is Unchanged. Taking the last
     * finalizer from an object that is being deleted removes it.
     */
    Outcome replace(ObjectNode object, boolean dryRun);

    default Outcome replaceStatus(ObjectNode object) {
        return replaceStatus(object, false);
    }

    /** Replaces the status and nothing else; preconditions as in {@link #replace}. */
    Outcome replaceStatus(ObjectNode object, boolean dryRun);

    /** Reads, changes, and replaces if nobody else wrote meanwhile; else again, a bounded number of times, then Conflict. */
    Outcome mutate(ObjectKey key, UnaryOperator<ObjectNode> change);

    /** As {@link #mutate}, of the status. */
    Outcome mutateStatus(ObjectKey key, UnaryOperator<ObjectNode> change);

    /** As {@link #mutate}, of the status too: for what upstream writes at once, such as a Binding and its condition. */
    Outcome mutateWhole(ObjectKey key, UnaryOperator<ObjectNode> change);

    /**
     * Deletes. An object with finalizers, a pod that is bound to a node, and a namespace only get a deletionTimestamp;
     * {@link DeleteOptions#now()} then removes the pod or the namespace for good.
     */
    Outcome delete(ObjectKey key, DeleteOptions options);

    Optional<Stored> get(ObjectKey key);

    /**
     * @param limit objects in the page at most; 0 for no limit
     * @throws ExpiredException when the token's snapshot is gone
     * @throws IllegalArgumentException when the token is none of ours
     */
    Page list(Selection selection, int limit, @Nullable String continueToken);

    default List<Stored> list(Selection selection) {
        return list(selection, 0, null).items();
    }

    /** Objects of any kind that name an owner with this uid. */
    List<Stored> dependents(String ownerUid);

    /**
     * Every change after a revision: with {@link Page#revision} of a list nothing is missed and nothing comes twice. A revision that is
     * compacted yields Expired first.
     *
     * @throws FutureRevisionException for a revision that is not reached within a short wait
     */
    WatchStream watch(Selection selection, long fromRevision);

    /** The revision that reads see. */
    long revision();

    /** Changes when a backup was restored or the database's timeline changed: revisions of two incarnations do not compare. */
    String incarnation();

    /**
     * Waits until reads see everything that any process committed before this call.
     *
     * @return false when the database cannot say so in time; reads then are as old as the cache
     */
    boolean freshen(Duration wait);
}
