package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.Comparator;

/** A ControllerRevision (apps/v1): one version of a DaemonSet's template, as the patch that brings it back. The tree is shared and never changed. */
record DaemonRevision(ObjectNode object) implements OwnedTree {
    static final Comparator<DaemonRevision> BY_NUMBER = Comparator.comparingLong(DaemonRevision::number)
            .thenComparing(r -> r.key().name());

    long number() {
        return object.path("revision").asLong(0);
    }

    String hash() {
        return labels().getOrDefault(DaemonPod.HASH, "");
    }

    JsonNode data() {
        return object.path("data");
    }

    /** What a revision of this set's present template holds: {@code kubectl rollout undo} sends it as a strategic merge patch. */
    static ObjectNode dataOf(ObjectNode set) {
        ObjectNode data = Json.object();
        ObjectNode template = Json.at(set, "spec", "template").deepCopy();
        template.put("$patch", "replace");
        data.putObject("spec").set("template", template);
        return data;
    }
}
