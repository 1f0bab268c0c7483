package dev.selvage.control.frame;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The controllers' way to write: refuses when leadership has ended, hits only the very object (uid) that was decided
 * about, and shows each own write to the informers at once.
 */
public final class Writer {
    private static final Duration FRESHEN = Duration.ofSeconds(5);

    private final Resources resources;
    private final Fence fence;
    private final Informers informers;

    public Writer(Resources resources, Fence fence, Informers informers) {
        this.resources = resources;
        this.fence = fence;
        this.informers = informers;
    }

    public Outcome create(ObjectNode object) {
        fence.require();
        return seen(resources.create(object));
    }

    /** @param change edits metadata or spec in place and says whether it did; called again after a conflict */
    public Outcome mutate(ObjectKey key, String uid, Predicate<ObjectNode> change) {
        fence.require();
        return settled(resources.mutate(key, guarded(uid, change)));
    }

    /** @param change edits the status in place and says whether it did; called again after a conflict */
    public Outcome mutateStatus(ObjectKey key, String uid, Predicate<ObjectNode> change) {
        fence.require();
        return settled(resources.mutateStatus(key, guarded(uid, change)));
    }

    /** As {@link #mutate}, of the status too. */
    public Outcome mutateWhole(ObjectKey key, String uid, Predicate<ObjectNode> change) {
        fence.require();
        return settled(resources.mutateWhole(key, guarded(uid, change)));
    }

    public Outcome delete(ObjectKey key, DeleteOptions options) {
        fence.require();
        return resources.delete(key, options);
    }

    /**
     * The object as the database has it now, for decisions that must not rest on an informer.
     *
     * @throws IllegalStateException when the database cannot say so in time
     */
    public Optional<Stored> read(ObjectKey key) {
        fresh();
        return resources.get(key);
    }

    /** As {@link #read}, of a list; at most {@code limit} objects. */
    public List<Stored> read(Selection selection, int limit) {
        fresh();
        return resources.list(selection, limit, null).items();
    }

    private void fresh() {
        fence.require();
        if (!resources.freshen(FRESHEN)) {
            throw new IllegalStateException("the database does not answer");
        }
    }

    private UnaryOperator<ObjectNode> guarded(String uid, Predicate<ObjectNode> change) {
        return object -> {
            fence.require();
            if (!Meta.uid(object).equals(uid)) {
                return object;
            }
            ObjectNode copy = object.deepCopy();
            return change.test(copy) ? copy : object;
        };
    }

    /** A conflict that outlasted the store's own retries, or a refusal, is the caller's to try again with back-off. */
    private Outcome settled(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Conflict(Stored current, String message) ->
                throw new IllegalStateException(current.key() + " changes too fast: " + message);
            case Outcome.Invalid(String message) -> throw new IllegalStateException("refused: " + message);
            default -> seen(outcome);
        };
    }

    private Outcome seen(Outcome outcome) {
        if (outcome instanceof Outcome.Committed(Stored stored)) {
            Kinds.byId(stored.key().resource())
                    .flatMap(informers::find)
                    .ifPresent(informer -> informer.observe(stored));
        }
        return outcome;
    }
}
