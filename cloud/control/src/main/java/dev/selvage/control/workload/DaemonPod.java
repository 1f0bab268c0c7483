package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.Taint;
import dev.selvage.model.Toleration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The pod of a DaemonSet for one node: the scheduler binds it, by an affinity to the node's name, and it stays through what
 * befalls a node (k8s.io/kubernetes/pkg/controller/daemon/util).
 */
final class DaemonPod {
    /** Upstream's label of the template's revision. */
    static final String HASH = "controller-revision-hash";

    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String NAME_FIELD = "metadata.name";
    private static final List<Toleration> ALWAYS = List.of(
            exists("node.kubernetes.io/not-ready", Taint.NO_EXECUTE),
            exists(Taint.UNREACHABLE, Taint.NO_EXECUTE),
            exists("node.kubernetes.io/disk-pressure", Taint.NO_SCHEDULE),
            exists("node.kubernetes.io/memory-pressure", Taint.NO_SCHEDULE),
            exists("node.kubernetes.io/pid-pressure", Taint.NO_SCHEDULE),
            exists("node.kubernetes.io/unschedulable", Taint.NO_SCHEDULE));
    private static final Toleration WITH_HOST_NETWORK =
            exists("node.kubernetes.io/network-unavailable", Taint.NO_SCHEDULE);

    private DaemonPod() {}

    private static Toleration exists(String key, String effect) {
        return new Toleration(key, "Exists", "", effect);
    }

    static ObjectNode of(ObjectNode set, String node, String hash) {
        ObjectNode pod = PodTemplate.pod(set);
        Json.child(Meta.of(pod), "labels").put(HASH, hash);
        ObjectNode spec = Json.child(pod, "spec");
        ArrayNode written = spec.withArray("tolerations");
        List<Toleration> own = tolerations(spec);
        added(spec)
                .filter(toleration -> !own.contains(toleration))
                .forEach(toleration -> written.addObject()
                        .put("key", toleration.key())
                        .put("operator", toleration.operator())
                        .put("effect", toleration.effect()));
        ObjectNode required = Json.child(Json.child(Json.child(spec, "affinity"), "nodeAffinity"), REQUIRED);
        ObjectNode field = required.putArray("nodeSelectorTerms")
                .addObject()
                .putArray("matchFields")
                .addObject();
        field.put("key", NAME_FIELD).put("operator", "In").putArray("values").add(node);
        return pod;
    }

    /** Those that the template names, and those that every daemon's pod gets. */
    static List<Toleration> allTolerations(JsonNode spec) {
        List<Toleration> all = new ArrayList<>(tolerations(spec));
        added(spec).forEach(all::add);
        return all;
    }

    private static List<Toleration> tolerations(JsonNode spec) {
        List<Toleration> tolerations = new ArrayList<>();
        spec.path("tolerations").forEach(toleration -> tolerations.add(Toleration.of(toleration)));
        return tolerations;
    }

    private static Stream<Toleration> added(JsonNode spec) {
        List<Toleration> added = new ArrayList<>(ALWAYS);
        if (spec.path("hostNetwork").asBoolean(false)) {
            added.add(WITH_HOST_NETWORK);
        }
        return added.stream();
    }

    /** The one node that a pod's affinity names; "" where it names none. */
    static String target(JsonNode spec) {
        JsonNode terms = Json.at(spec, "affinity", "nodeAffinity", REQUIRED, "nodeSelectorTerms");
        for (JsonNode term : terms) {
            for (JsonNode field : term.path("matchFields")) {
                if (Json.textAt(field, "key").equals(NAME_FIELD)
                        && Json.textAt(field, "operator").equals("In")
                        && field.path("values").size() == 1) {
                    return field.path("values").get(0).asText();
                }
            }
        }
        return "";
    }
}
