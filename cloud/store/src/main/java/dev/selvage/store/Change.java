package dev.selvage.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One revision.
 *
 * @param before what selectors saw before; null for a creation
 * @param after the state after, or the last one of a removed object, at the revision of the change
 */
record Change(Op op, @Nullable Marks before, Entry after) {
    enum Op {
        CREATE("C"),
        UPDATE("U"),
        DELETE("D");

        private final String code;

        Op(String code) {
            this.code = code;
        }

        String code() {
            return code;
        }

        static Op of(String code) {
            for (Op op : values()) {
                if (op.code.equals(code)) {
                    return op;
                }
            }
            throw new StoreException("change log: unknown operation " + code);
        }
    }

    long revision() {
        return after.stored().revision();
    }

    /** What a watcher of the selection sees: an object that ceases to match is deleted to it, one that begins to match is added. */
    Optional<WatchEvent> seenBy(Selection selection) {
        boolean was = before != null && selection.matches(after.key(), before);
        boolean is = op != Op.DELETE && selection.matches(after.key(), after.marks());
        if (is) {
            return Optional.of(was ? new WatchEvent.Modified(after.stored()) : new WatchEvent.Added(after.stored()));
        }
        return was ? Optional.of(new WatchEvent.Deleted(after.stored())) : Optional.empty();
    }
}
