package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Keeps as many pods of a template as its ReplicaSet asks for (k8s.io/kubernetes/pkg/controller/replicaset). A pod on a
 * node that cannot be reached counts: it most likely runs. Only annotation {@value Replica#EVICT_AFTER} on the template
 * has it replaced after a while.
 */
final class ReplicaSets implements Part {
    private static final int MOST_AT_ONCE = 500;
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);

    private final Informer sets;
    private final SelectorIndex selectors;
    private final OwnerIndex<Replica> pods;
    private final Writer writer;
    private final PodWrites podWrites;
    private final Clock clock;
    private final Controller<ObjectKey> controller = new Controller<>("replicaset", this::reconcile);

    ReplicaSets(Informers informers, OwnerIndex<Replica> pods, PodWrites podWrites, Writer writer, Clock clock) {
        this.sets = informers.of(Kinds.REPLICA_SET);
        this.selectors = new SelectorIndex(Kinds.REPLICA_SET, sets);
        this.pods = pods;
        this.writer = writer;
        this.podWrites = podWrites;
        this.clock = clock;
        pods.listen(this::podChanged);
        sets.listen(change -> controller.enqueue(change.key()));
    }

    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private void podChanged(Replica pod) {
        if (pod.active() || pod.controller().isPresent()) { // who has ended is not adopted
            selectors.concerned(pod).forEach(controller::enqueue);
        }
    }

    private Next reconcile(ObjectKey key) throws InterruptedException {
        Optional<Stored> stored = sets.get(key);
        if (stored.isEmpty()) {
            return Next.DONE;
        }
        ObjectNode set = stored.get().parse();
        List<Replica> own = podWrites.claim(set, pods);
        Instant now = clock.instant();
        String failure = "";
        if (!Meta.deleting(set)) {
            try {
                level(set, own, now);
            } catch (PodWrites.Refused refused) {
                failure = String.valueOf(refused.getMessage());
            }
        }
        own = pods.of(Meta.uid(set));
        report(key, set, own, failure, now);
        return failure.isEmpty() ? lookAgain(set, own, now) : Next.after(AFTER_REFUSAL);
    }

    private void level(ObjectNode set, List<Replica> own, Instant now) throws InterruptedException {
        int wanted = Json.at(set, "spec", "replicas").asInt(1);
        SlowStart.run(own.stream()
                .filter(pod -> pod.active() && pod.given(now))
                .map(pod -> (Runnable) () -> podWrites.delete(set, pod))
                .toList());
        List<Replica> active =
                own.stream().filter(pod -> pod.active() && !pod.given(now)).toList();
        int counting = (int) own.stream().filter(pod -> pod.counts(now)).count();
        if (active.size() > wanted) {
            SlowStart.run(DeletionRank.first(active, Math.min(active.size() - wanted, MOST_AT_ONCE)).stream()
                    .map(pod -> (Runnable) () -> podWrites.delete(set, pod))
                    .toList());
        } else if (counting < wanted) {
            SlowStart.run(Stream.generate(() -> (Runnable) () -> podWrites.create(set, PodTemplate.pod(set)))
                    .limit(Math.min(wanted - counting, MOST_AT_ONCE))
                    .toList());
        }
    }

    private void report(ObjectKey key, ObjectNode set, List<Replica> own, String failure, Instant now) {
        Duration minReady = minReady(set);
        Map<String, String> labels = Meta.labels(Json.at(set, "spec", "template"));
        List<Replica> active = own.stream().filter(Replica::active).toList();
        int ready = (int) active.stream().filter(Replica::ready).count();
        int available = (int)
                active.stream().filter(pod -> pod.available(now, minReady)).count();
        int labelled = (int) active.stream()
                .filter(pod -> pod.labels().entrySet().containsAll(labels.entrySet()))
                .count();
        writer.mutateStatus(key, Meta.uid(set), object -> {
            JsonNode before = object.path("status").deepCopy();
            ObjectNode status = Json.child(object, "status");
            status.put("replicas", active.size());
            count(status, "fullyLabeledReplicas", labelled);
            count(status, "readyReplicas", ready);
            count(status, "availableReplicas", available);
            status.set("observedGeneration", Json.whole(Meta.generation(set)));
            if (failure.isEmpty()) {
                Conditions.remove(object, "ReplicaFailure");
            } else {
                Conditions.set(object, "ReplicaFailure", "True", "FailedCreate", failure, now);
            }
            return !status.equals(before);
        });
    }

    /** Go's omitempty: a count of zero is left out. */
    static void count(ObjectNode status, String field, int count) {
        if (count == 0) {
            status.remove(field);
        } else {
            status.put(field, count);
        }
    }

    static Duration minReady(ObjectNode workload) {
        return Duration.ofSeconds(Json.at(workload, "spec", "minReadySeconds").asLong(0));
    }

    /** When time alone changes something: a pod has been ready long enough, or a node has been away too long. */
    private static Next lookAgain(ObjectNode set, List<Replica> own, Instant now) {
        Duration minReady = minReady(set);
        Stream<Instant> readyAt = own.stream()
                .filter(pod -> pod.active() && pod.ready() && !pod.available(now, minReady))
                .map(pod -> pod.readySince().plus(minReady));
        Stream<Instant> givenAt = own.stream()
                .filter(pod -> pod.lost() && !pod.given(now))
                .flatMap(pod ->
                        pod.evictAfter().map(wait -> pod.lostSince().orElse(now).plus(wait)).stream());
        return Stream.concat(readyAt, givenAt)
                .min(Instant::compareTo)
                .map(at -> Next.after(Duration.between(now, at).plusMillis(1)))
                .orElse(Next.DONE);
    }
}
