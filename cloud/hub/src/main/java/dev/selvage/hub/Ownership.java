package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import java.util.Optional;

/** What a node may speak about: itself, pods, devices and CronJobs that are bound to it, streams of its slice; nothing else (design "Security": default deny). */
final class Ownership {
    private final String node;
    private final SliceIndex index;
    private final Offences offences;

    Ownership(String node, SliceIndex index, Offences offences) {
        this.node = node;
        this.index = index;
        this.offences = offences;
    }

    /** Why the node may not report on the object as it is stored; empty when it may. */
    Optional<String> objection(ObjectKey key, String uid, ObjectNode object) {
        if (!mayName(key, object)) {
            offences.suspect(node, Offence.FOREIGN, key + " does not belong to it");
            return Optional.of("it does not belong to node " + node);
        }
        // An agent that has just started does not know the uid of its Node: the name, which its certificate proves, is
        // enough.
        boolean itself = key.equals(ObjectKey.cluster(Kinds.NODE, node)) && uid.isEmpty();
        if (!itself && !Meta.uid(object).equals(uid)) {
            return Optional.of("it has the uid " + Meta.uid(object) + ", the report is about " + uid);
        }
        return Optional.empty();
    }

    private boolean mayName(ObjectKey key, ObjectNode object) {
        String resource = key.resource();
        if (resource.equals(Kinds.NODE.id())) {
            return key.name().equals(node);
        }
        if (resource.equals(Kinds.POD.id()) || resource.equals(Kinds.DEVICE.id())) {
            return Json.textAt(object, "spec", "nodeName").equals(node);
        }
        if (resource.equals(Kinds.CRON_JOB.id())) {
            return CronRuns.boundTo(object).filter(node::equals).isPresent();
        }
        return resource.equals(Kinds.STREAM.id()) && index.slice(node).containsKey(key);
    }
}
