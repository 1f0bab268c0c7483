package dev.selvage.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import java.util.List;

/** An object in the watch cache: its bytes, and what is asked without parsing them, so that no tree is kept. */
record Entry(Stored stored, Marks marks, List<String> owners) {
    static Entry of(Stored stored) {
        ObjectNode object = stored.parse();
        return new Entry(
                stored,
                Marks.of(stored.key().resource(), object),
                Meta.ownerReferences(object).stream().map(OwnerReference::uid).toList());
    }

    ObjectKey key() {
        return stored.key();
    }
}
