package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import java.util.Optional;

/** What a node may speak about: itself, pods and devices that are bound to it, streams of its slice; nothing else (design "Security": default deny). */
final class Ownership {
    private final String node;
    private final SliceIndex index;

    Ownership(String node, SliceIndex index) {
        this.node = node;
        this.index = index;
    }

    /** Why the node may not report on the object as it is stored; empty when it may. */
    Optional<String> objection(ObjectKey key, String uid, ObjectNode object) {
        // An agent that has just started does not know the uid of its Node: the name, which its certificate proves, is
        // enough.
        boolean itself = key.equals(ObjectKey.cluster(Kinds.NODE, node)) && uid.isEmpty();
        if (!itself && !Meta.uid(object).equals(uid)) {
            return Optional.of("it has the uid " + Meta.uid(object) + ", the report is about " + uid);
        }
        return mayName(key, object) ? Optional.empty() : Optional.of("it does not belong to node " + node);
    }

    private boolean mayName(ObjectKey key, ObjectNode object) {
        String resource = key.resource();
        if (resource.equals(Kinds.NODE.id())) {
            return key.name().equals(node);
        }
        if (resource.equals(Kinds.POD.id()) || resource.equals(Kinds.DEVICE.id())) {
            return Json.textAt(object, "spec", "nodeName").equals(node);
        }
        return resource.equals(Kinds.STREAM.id()) && index.slice(node).containsKey(key);
    }
}
