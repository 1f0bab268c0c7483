package dev.selvage.streams;

import dev.selvage.model.ObjectKey;

/** Hears how streams fare on this node; called on change only. */
public interface StreamListener {
    void state(ObjectKey key, String uid, StreamState state, String message);

    /** A file of the engine was damaged and is set aside, in words. */
    default void damaged(String what) {}
}
