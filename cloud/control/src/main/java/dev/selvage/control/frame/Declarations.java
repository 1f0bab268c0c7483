package dev.selvage.control.frame;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Tells changes of what people declare (generation, labels, deletion) from changes of a status. */
public final class Declarations {
    private final Map<ObjectKey, Declaration> known = new ConcurrentHashMap<>();

    private record Declaration(String uid, long generation, Map<String, String> labels, boolean deleting) {}

    /** Whether this change is one of the declaration, the object's end, or a resync. To be asked once for each change. */
    public boolean moved(Change change) {
        Declaration now = change.object().map(Declarations::of).orElse(null);
        Declaration before = now == null ? known.remove(change.key()) : known.put(change.key(), now);
        return change.resync() || now == null || !now.equals(before);
    }

    private static Declaration of(ObjectNode object) {
        return new Declaration(Meta.uid(object), Meta.generation(object), Meta.labels(object), Meta.deleting(object));
    }
}
