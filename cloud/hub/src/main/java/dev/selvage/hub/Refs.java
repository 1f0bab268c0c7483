package dev.selvage.hub;

import dev.selvage.link.ObjectRef;
import dev.selvage.model.ObjectKey;

/** An object's name on the wire and in the model. */
final class Refs {
    private Refs() {}

    static ObjectRef of(ObjectKey key) {
        return ObjectRef.newBuilder()
                .setResource(key.resource())
                .setNamespace(key.namespace())
                .setName(key.name())
                .build();
    }

    static ObjectKey key(ObjectRef ref) {
        return new ObjectKey(ref.getResource(), ref.getNamespace(), ref.getName());
    }
}
