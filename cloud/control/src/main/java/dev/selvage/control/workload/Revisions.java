package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Outcome;
import dev.selvage.store.Stored;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The ReplicaSets of a Deployment: found, adopted, made, numbered, scaled, and cleaned up. */
final class Revisions {
    private static final String HISTORY = "deployment.kubernetes.io/revision-history";
    /** Annotations of the Deployment that say nothing of its revisions. */
    private static final Set<String> OWN = Set.of(
            "kubectl.kubernetes.io/last-applied-configuration",
            Revision.NUMBER,
            HISTORY,
            Revision.DESIRED,
            Revision.MOST);

    private final OwnerIndex<Revision> index;
    private final Writer writer;
    private final Recorder events;
    private final Adoption adoption;

    Revisions(OwnerIndex<Revision> index, Writer writer, Recorder events) {
        this.index = index;
        this.writer = writer;
        this.events = events;
        this.adoption = new Adoption(writer);
    }

    /** All of them, oldest first; those without a controller that fit the selector are taken in. */
    List<Revision> of(ObjectNode deployment) {
        LabelSelector selector = LabelSelector.fromJson(Json.at(deployment, "spec", "selector"));
        if (!Meta.deleting(deployment)) {
            for (Revision loose : index.loose(Meta.namespace(deployment))) {
                if (!loose.deleting() && selector.matches(loose.labels())) {
                    adoption.adopt(deployment, loose);
                }
            }
        }
        List<Revision> own = new ArrayList<>(index.of(Meta.uid(deployment)));
        own.sort(Revision.BY_AGE);
        return own;
    }

    /** The revision of the present template: the oldest whose template is the same. */
    static Optional<Revision> newest(ObjectNode deployment, List<Revision> all) {
        return all.stream()
                .filter(revision -> !revision.deleting()
                        && PodTemplate.same(revision.template(), Json.at(deployment, "spec", "template")))
                .findFirst();
    }

    /** What making a revision came to: it is there, or its name is another's and the count of such collisions moves. */
    sealed interface Made {
        record There() implements Made {}

        record Collision() implements Made {}
    }

    Made make(ObjectNode deployment, List<Revision> old, int replicas, RollingMath math) {
        String hash = PodTemplate.hash(
                Json.at(deployment, "spec", "template"),
                Json.at(deployment, "status", "collisionCount").asInt(0));
        ObjectNode set =
                Json.object().put("apiVersion", Kinds.REPLICA_SET.apiVersion()).put("kind", Kinds.REPLICA_SET.kind());
        ObjectNode meta = Meta.of(set);
        meta.put("namespace", Meta.namespace(deployment));
        meta.put("name", Meta.name(deployment) + "-" + hash);
        ObjectNode template = Json.at(deployment, "spec", "template").deepCopy();
        Json.child(Json.child(template, "metadata"), "labels").put(PodTemplate.HASH, hash);
        meta.set("labels", Json.at(template, "metadata", "labels").deepCopy());
        ObjectNode annotations = meta.putObject("annotations");
        annotate(annotations, deployment, number(old) + 1, math);
        PodTemplate.own(set, deployment);
        ObjectNode spec = set.putObject("spec").put("replicas", replicas);
        if (Json.at(deployment, "spec", "minReadySeconds").asInt(0) > 0) {
            spec.set("minReadySeconds", Json.at(deployment, "spec", "minReadySeconds"));
        }
        ObjectNode selector = Json.at(deployment, "spec", "selector").deepCopy();
        Json.child(selector, "matchLabels").put(PodTemplate.HASH, hash);
        spec.set("selector", selector);
        spec.set("template", template);
        return switch (writer.create(set)) {
            case Outcome.Committed created -> {
                if (replicas > 0) {
                    told(deployment, "up", created.stored().key().name(), 0, replicas);
                }
                yield new Made.There();
            }
            case Outcome.AlreadyExists(Stored other) -> {
                Revision there = new Revision(other.parse());
                boolean ours = there.controllerUid().equals(Meta.uid(deployment))
                        && PodTemplate.same(there.template(), template);
                yield ours ? new Made.There() : new Made.Collision();
            }
            default -> throw new IllegalStateException("a ReplicaSet of " + Meta.name(deployment) + " was not made");
        };
    }

    private static long number(List<Revision> revisions) {
        return revisions.stream().mapToLong(Revision::number).max().orElse(0);
    }

    /** What the Deployment says of itself goes to its revision, the cause of the change above all. */
    private static void annotate(ObjectNode annotations, ObjectNode deployment, long number, RollingMath math) {
        Meta.annotations(deployment).forEach((key, value) -> {
            if (!OWN.contains(key)) {
                annotations.put(key, value);
            }
        });
        String before = annotations.path(Revision.NUMBER).asText("");
        if (!before.isEmpty() && !before.equals(Long.toString(number))) {
            String history = annotations.path(HISTORY).asText("");
            annotations.put(HISTORY, history.isEmpty() ? before : history + "," + before);
        }
        annotations.put(Revision.NUMBER, Long.toString(number));
        annotations.put(Revision.DESIRED, Integer.toString(math.wanted()));
        annotations.put(Revision.MOST, Integer.toString(math.most()));
    }

    /** Numbers the present revision above all others, also when an old one is present again, and the Deployment alike. */
    void number(ObjectNode deployment, Revision newest, List<Revision> old, RollingMath math) {
        long number = Math.max(newest.number(), number(old) + 1);
        writer.mutate(newest.key(), newest.uid(), set -> {
            ObjectNode annotations = Json.child(Meta.of(set), "annotations");
            ObjectNode before = annotations.deepCopy();
            annotate(annotations, deployment, number, math);
            ObjectNode spec = Json.child(set, "spec");
            int minReady = Json.at(deployment, "spec", "minReadySeconds").asInt(0);
            boolean ready = spec.path("minReadySeconds").asInt(0) != minReady;
            if (ready) {
                spec.put("minReadySeconds", minReady);
            }
            return ready || !annotations.equals(before);
        });
        if (!Long.toString(number).equals(Meta.annotations(deployment).get(Revision.NUMBER))) {
            writer.mutate(ObjectKey.of(deployment), Meta.uid(deployment), object -> {
                Json.child(Meta.of(object), "annotations").put(Revision.NUMBER, Long.toString(number));
                return true;
            });
        }
    }

    /** Scales those that are to have another size; returns whether any was scaled. */
    boolean scale(ObjectNode deployment, Map<Revision, Integer> sizes, RollingMath math) {
        boolean scaled = false;
        for (Map.Entry<Revision, Integer> entry : sizes.entrySet()) {
            scaled |= scale(deployment, entry.getKey(), entry.getValue(), math);
        }
        return scaled;
    }

    boolean scale(ObjectNode deployment, Revision revision, int size, RollingMath math) {
        int before = revision.replicas();
        writer.mutate(revision.key(), revision.uid(), set -> {
            ObjectNode annotations = Json.child(Meta.of(set), "annotations");
            ObjectNode told = annotations.deepCopy();
            annotations.put(Revision.DESIRED, Integer.toString(math.wanted()));
            annotations.put(Revision.MOST, Integer.toString(math.most()));
            boolean same = Json.at(set, "spec", "replicas").asInt(1) == size && annotations.equals(told);
            Json.child(set, "spec").put("replicas", size);
            return !same;
        });
        if (before != size) {
            told(deployment, size > before ? "up" : "down", revision.key().name(), before, size);
        }
        return before != size;
    }

    private void told(ObjectNode deployment, String direction, String name, int from, int to) {
        events.record(
                deployment,
                Recorder.Type.NORMAL,
                "ScalingReplicaSet",
                "Scaled %s replica set %s from %d to %d".formatted(direction, name, from, to));
    }

    /** Deletes the oldest revisions beyond the history's limit that have no pods. */
    void cleanUp(ObjectNode deployment, List<Revision> old) {
        int limit = Json.at(deployment, "spec", "revisionHistoryLimit").asInt(10);
        List<Revision> idle = old.stream()
                .filter(revision -> !revision.deleting()
                        && revision.replicas() == 0
                        && revision.current() == 0
                        && revision.observed())
                .sorted(Comparator.comparingLong(Revision::number))
                .toList();
        for (int i = 0; i < old.size() - limit && i < idle.size(); i++) {
            writer.delete(idle.get(i).key(), DeleteOptions.ofUid(idle.get(i).uid()));
        }
    }
}
