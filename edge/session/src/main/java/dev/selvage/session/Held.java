package dev.selvage.session;

import dev.selvage.model.ObjectKey;

/** An object of the slice as the node holds it. */
public record Held(ObjectKey key, String uid, long revision) {}
