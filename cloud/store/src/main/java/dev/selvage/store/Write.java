package dev.selvage.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One write on its way into a group.
 *
 * @param expected the revision that the object must have; 0 for a creation, which demands that there is none
 * @param form the bytes to store ({@link StoredForm}); empty for a VERIFY
 * @param node the node that the object is for, or empty
 * @param before what selectors saw before; null for a creation
 * @param after what they see after
 * @param owners uids of its owners
 */
@SuppressWarnings("ArrayRecordComponent") // identity is what matters here
record Write(
        Kind kind,
        ObjectKey key,
        String uid,
        long expected,
        byte[] form,
        String node,
        @Nullable Marks before,
        Marks after,
        List<String> owners,
        CompletableFuture<Result> result) {
    enum Kind {
        CREATE("C"),
        UPDATE("U"),
        DELETE("D"),
        /** Changes nothing, but is true only if the object still has the expected revision. */
        VERIFY("V");

        private final String code;

        Kind(String code) {
            this.code = code;
        }

        /** As {@code commit_group} of the schema knows it. */
        String code() {
            return code;
        }
    }

    /** What the group commit says of one write. */
    sealed interface Result {
        record Done(Stored stored) implements Result {}

        /** Nothing was to be written, and the object has the expected revision. */
        record Verified() implements Result {}

        /** The precondition does not hold; {@code actual} is null where there is no such object. */
        record Mismatch(@Nullable Stored actual) implements Result {}
    }

    /** Replaces what {@code current} is by {@code object}, or creates it where current is null. */
    static Write of(Kind kind, @Nullable Entry current, ObjectKey key, ObjectNode object, byte[] form) {
        return new Write(
                kind,
                key,
                Meta.uid(object),
                current == null ? 0 : current.stored().revision(),
                form,
                Json.textAt(object, "spec", "nodeName"),
                current == null ? null : current.marks(),
                Marks.of(key.resource(), object),
                Meta.ownerReferences(object).stream().map(OwnerReference::uid).toList(),
                new CompletableFuture<>());
    }

    static Write verify(Entry current) {
        return new Write(
                Kind.VERIFY,
                current.key(),
                current.stored().uid(),
                current.stored().revision(),
                new byte[0],
                "",
                current.marks(),
                current.marks(),
                current.owners(),
                new CompletableFuture<>());
    }

    int size() {
        return form.length + 512;
    }

    Change committed(long revision) {
        Stored stored = new Stored(key, uid, revision, StoredForm.stamp(form, revision));
        return new Change(op(), before, new Entry(stored, after, owners));
    }

    Change.Op op() {
        return switch (kind) {
            case CREATE -> Change.Op.CREATE;
            case UPDATE -> Change.Op.UPDATE;
            case DELETE -> Change.Op.DELETE;
            case VERIFY -> throw new IllegalStateException("a verification writes nothing");
        };
    }

    /** As the change log keeps it: null for a creation, empty when selectors see no difference. */
    @Nullable
    String beforeText() {
        if (before == null) {
            return null;
        }
        return before.equals(after) ? "" : before.text();
    }
}
