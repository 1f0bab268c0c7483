package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.util.Comparator;

/** A ReplicaSet as its Deployment sees it: one revision of the template. The tree is shared and never changed. */
record Revision(ObjectNode object) implements OwnedTree {
    static final String NUMBER = "deployment.kubernetes.io/revision";
    static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
    static final String MOST = "deployment.kubernetes.io/max-replicas";
    /** The oldest first; of one second by name, so that every look sees the same order. */
    static final Comparator<Revision> BY_AGE = Comparator.comparing((Revision r) -> Meta.creationTimestamp(r.object()))
            .thenComparing(r -> r.key().name());

    JsonNode template() {
        return Json.at(object, "spec", "template");
    }

    /** How many it is to have. */
    int replicas() {
        return Json.at(object, "spec", "replicas").asInt(1);
    }

    int current() {
        return status("replicas");
    }

    int ready() {
        return status("readyReplicas");
    }

    int available() {
        return status("availableReplicas");
    }

    /** Whether its status tells of its present spec. */
    boolean observed() {
        return Json.at(object, "status", "observedGeneration").asLong(0) >= Meta.generation(object);
    }

    long number() {
        return number(NUMBER, 0);
    }

    /** The Deployment's replicas when this one was last scaled; -1 where that is not said. */
    int desired() {
        return (int) number(DESIRED, -1);
    }

    /** The most pods that all revisions together could have when this one was last scaled. */
    int most() {
        return (int) number(MOST, replicas());
    }

    private int status(String field) {
        return Json.at(object, "status", field).asInt(0);
    }

    private long number(String annotation, long otherwise) {
        try {
            return Long.parseLong(Meta.annotations(object).getOrDefault(annotation, ""));
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
