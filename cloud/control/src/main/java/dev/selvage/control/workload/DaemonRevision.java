package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** A ControllerRevision (apps/v1): one version of a DaemonSet's template, as the patch that brings it back. The tree is shared and never changed. */
record DaemonRevision(ObjectNode object) implements Owned {
    static final Comparator<DaemonRevision> BY_NUMBER = Comparator.comparingLong(DaemonRevision::number)
            .thenComparing(r -> r.key().name());

    @Override
    public ObjectKey key() {
        return ObjectKey.of(object);
    }

    @Override
    public String uid() {
        return Meta.uid(object);
    }

    @Override
    public Optional<OwnerReference> controller() {
        return Owned.controllerOf(object);
    }

    @Override
    public Map<String, String> labels() {
        return Meta.labels(object);
    }

    @Override
    public boolean deleting() {
        return Meta.deleting(object);
    }

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
