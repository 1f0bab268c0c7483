package dev.selvage.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import java.util.Objects;

/**
 * One object at one revision.
 *
 * @param revision the resourceVersion: one counter over all kinds, in commit order
 * @param json UTF-8, with {@code metadata.resourceVersion} in place; shared and never to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // bytes by design: a cache of trees would cost gigabytes
public record Stored(ObjectKey key, String uid, long revision, byte[] json) {
    /** A tree of its own, free to be changed. */
    public ObjectNode parse() {
        return Json.parseObject(json);
    }

    /** Two are the same when they are the same revision of the same object. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Stored that
                && revision == that.revision
                && uid.equals(that.uid)
                && key.equals(that.key);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, uid, revision);
    }

    @Override
    public String toString() {
        return key + "@" + revision;
    }
}
