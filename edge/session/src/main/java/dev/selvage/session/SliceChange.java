package dev.selvage.session;

import dev.selvage.model.ObjectKey;
import java.util.List;

/**
 * One step of desired state; all of it or nothing of it becomes durable.
 *
 * @param incarnation what {@link SliceStore#incarnation()} returns afterwards
 * @param revision what {@link SliceStore#revision()} returns afterwards
 * @param whole the node has everything afterwards
 */
public record SliceChange(String incarnation, long revision, List<Put> puts, List<Delete> deletes, boolean whole) {
    public SliceChange {
        puts = List.copyOf(puts);
        deletes = List.copyOf(deletes);
    }

    /** A change after which the node has everything. */
    public SliceChange(String incarnation, long revision, List<Put> puts, List<Delete> deletes) {
        this(incarnation, revision, puts, deletes, true);
    }

    /** @param json the whole object, UTF-8 */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    public record Put(ObjectKey key, String uid, long revision, byte[] json) {}

    /** The object is gone, if the node still holds it under that uid. */
    public record Delete(ObjectKey key, String uid) {}
}
