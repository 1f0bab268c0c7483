package dev.selvage.store;

import java.util.Optional;

/** What became of a write. A failed precondition is an outcome, not an exception. */
public sealed interface Outcome {
    /** The write has a revision of its own; of a removed object this is its last state, at the revision of its removal. */
    record Committed(Stored stored) implements Outcome {}

    /** The write changes nothing, or was a dry run that would change nothing: no revision was spent. */
    record Unchanged(Stored stored) implements Outcome {}

    /** A dry run that would be committed; nothing was written, and the revision is the one before. */
    record WouldCommit(Stored stored) implements Outcome {}

    /** A precondition (resourceVersion, uid) does not hold. */
    record Conflict(Stored current, String message) implements Outcome {}

    record AlreadyExists(Stored current) implements Outcome {}

    record NotFound() implements Outcome {}

    /** The object breaks a rule that the store holds: names, size, finalizers of an object that is being deleted. */
    record Invalid(String message) implements Outcome {}

    /** The object after a write that succeeded, changed something or not. */
    default Optional<Stored> success() {
        return switch (this) {
            case Committed c -> Optional.of(c.stored());
            case Unchanged u -> Optional.of(u.stored());
            case WouldCommit w -> Optional.of(w.stored());
            case Conflict _, AlreadyExists _, NotFound _, Invalid _ -> Optional.empty();
        };
    }

    default boolean succeeded() {
        return success().isPresent();
    }
}
