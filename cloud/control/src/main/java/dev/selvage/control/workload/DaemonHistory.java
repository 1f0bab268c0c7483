package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.Meta;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Outcome;
import dev.selvage.store.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The versions of a DaemonSet's template: found, adopted, made, numbered, cleaned up (k8s.io/kubernetes/pkg/controller/history). */
final class DaemonHistory {
    private final OwnerIndex<DaemonRevision> index;
    private final Writer writer;
    private final Adoption adoption;

    /** The revision of the present template; empty when its name is another's, and the count of collisions has to move. */
    record Current(Optional<DaemonRevision> revision) {}

    DaemonHistory(OwnerIndex<DaemonRevision> index, Writer writer) {
        this.index = index;
        this.writer = writer;
        this.adoption = new Adoption(writer);
    }

    private List<DaemonRevision> of(ObjectNode set) {
        LabelSelector selector = LabelSelector.fromJson(Json.at(set, "spec", "selector"));
        for (DaemonRevision loose : index.loose(Meta.namespace(set))) {
            if (!loose.deleting() && selector.matches(loose.labels())) {
                adoption.adopt(set, loose);
            }
        }
        List<DaemonRevision> own = new ArrayList<>(index.of(Meta.uid(set)));
        own.removeIf(DaemonRevision::deleting);
        own.sort(DaemonRevision.BY_NUMBER);
        return own;
    }

    /** The revision of the present template, numbered above all others also when an old one is present again. */
    Current current(ObjectNode set) {
        List<DaemonRevision> all = of(set);
        ObjectNode data = DaemonRevision.dataOf(set);
        long last = all.isEmpty() ? 0 : all.getLast().number();
        Optional<DaemonRevision> same =
                all.reversed().stream().filter(r -> r.data().equals(data)).findFirst();
        if (same.isEmpty()) {
            return new Current(make(set, data, last + 1));
        }
        DaemonRevision found = same.get();
        if (found.number() < last) {
            writer.mutate(found.key(), found.uid(), object -> {
                object.put("revision", last + 1);
                return true;
            });
        }
        return new Current(same);
    }

    private Optional<DaemonRevision> make(ObjectNode set, ObjectNode data, long number) {
        String hash = PodTemplate.hash(
                Json.at(set, "spec", "template"),
                Json.at(set, "status", "collisionCount").asInt(0));
        ObjectNode revision = Json.object()
                .put("apiVersion", Kinds.CONTROLLER_REVISION.apiVersion())
                .put("kind", Kinds.CONTROLLER_REVISION.kind());
        ObjectNode meta = Meta.of(revision);
        meta.put("namespace", Meta.namespace(set)).put("name", Meta.name(set) + "-" + hash);
        ObjectNode labels = meta.putObject("labels");
        Meta.labels(Json.at(set, "spec", "template")).forEach(labels::put);
        labels.put(DaemonPod.HASH, hash);
        ObjectNode annotations = meta.putObject("annotations");
        Meta.annotations(set).forEach(annotations::put);
        PodTemplate.own(revision, set);
        revision.set("data", data);
        revision.put("revision", number);
        return switch (writer.create(revision)) {
            case Outcome.Committed(Stored stored) -> Optional.of(new DaemonRevision(stored.parse()));
            case Outcome.AlreadyExists(Stored other) ->
                Optional.of(new DaemonRevision(other.parse()))
                        .filter(r -> r.controllerUid().equals(Meta.uid(set))
                                && r.data().equals(data));
            default ->
                throw new IllegalStateException("a ControllerRevision of " + Meta.name(set) + " could not be made");
        };
    }

    /** Deletes the oldest beyond the history's limit that no pod is of. */
    void cleanUp(ObjectNode set, DaemonRevision current, Set<String> live) {
        List<DaemonRevision> idle = of(set).stream()
                .filter(r -> !r.uid().equals(current.uid()) && !live.contains(r.hash()))
                .toList();
        int limit = Json.at(set, "spec", "revisionHistoryLimit").asInt(10);
        for (int i = 0; i < idle.size() - limit; i++) {
            writer.delete(idle.get(i).key(), DeleteOptions.ofUid(idle.get(i).uid()));
        }
    }
}
