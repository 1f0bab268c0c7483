package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Backoff;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.JobLabels;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Makes a Job's pods, tracks them by a finalizer, and lets go of those that are counted. */
final class JobPods {
    private static final int MOST_AT_ONCE = 500;
    private static final String INDEX_VARIABLE = "JOB_COMPLETION_INDEX";

    private final PodWrites podWrites;
    private final Writer writer;
    private final Backoff backoff;

    JobPods(PodWrites podWrites, Writer writer, Backoff backoff) {
        this.podWrites = podWrites;
        this.writer = writer;
        this.backoff = backoff;
    }

    /** The Job's pods; those that were adopted are tracked from now on. */
    List<Replica> of(ObjectNode job, OwnerIndex<Replica> index) {
        List<Replica> own = podWrites.claim(job, index);
        own.stream()
                .filter(pod -> pod.active() && !pod.tracked())
                .forEach(pod -> writer.mutate(pod.key(), pod.uid(), JobPods::track));
        return index.of(Meta.uid(job));
    }

    private static boolean track(ObjectNode pod) {
        if (Meta.deleting(pod) || Meta.finalizers(pod).contains(JobLabels.TRACKING)) {
            return false;
        }
        Meta.of(pod).withArray("finalizers").add(JobLabels.TRACKING);
        return true;
    }

    /** Pods that are too many: they count as nothing, least of all as failures. */
    void dismiss(ObjectNode job, List<Replica> pods) throws InterruptedException {
        SlowStart.run(pods.stream()
                .limit(MOST_AT_ONCE)
                .map(pod -> (Runnable) () -> {
                    release(pod);
                    podWrites.delete(job, pod);
                })
                .toList());
    }

    /** Ends pods that are counted as failed then. */
    void delete(ObjectNode job, List<Replica> pods) throws InterruptedException {
        SlowStart.run(pods.stream()
                .limit(MOST_AT_ONCE)
                .map(pod -> (Runnable) () -> podWrites.delete(job, pod))
                .toList());
    }

    /** @param taken indexes that need no pod; of Indexed Jobs only */
    void create(ObjectNode job, JobSpec spec, int count, BitSet taken) throws InterruptedException {
        if (spec.indexed()) {
            create(
                    job,
                    pending(spec, count, taken).stream()
                            .map(index -> indexed(tracked(job), job, index))
                            .toList());
        } else {
            create(
                    job,
                    Stream.generate(() -> tracked(job))
                            .limit(Math.min(count, MOST_AT_ONCE))
                            .toList());
        }
    }

    /** Makes pods of indexes whose own back-off is over; returns how long the first of the others has to wait. */
    Duration createEach(ObjectNode job, JobSpec spec, int count, BitSet taken, IndexFailures indexes, Instant now)
            throws InterruptedException {
        List<ObjectNode> due = new ArrayList<>();
        Duration wait = Duration.ZERO;
        for (int index : pending(spec, count, taken)) {
            Duration pause = indexes.pause(index, backoff, now);
            if (pause.isZero()) {
                ObjectNode pod = indexed(tracked(job), job, index);
                indexes.annotate(pod, index);
                due.add(pod);
            } else if (wait.isZero() || pause.compareTo(wait) < 0) {
                wait = pause;
            }
        }
        create(job, due);
        return wait;
    }

    /** The first indexes that need a pod. */
    private static List<Integer> pending(JobSpec spec, int count, BitSet taken) {
        List<Integer> pending = new ArrayList<>();
        int most = Math.min(count, MOST_AT_ONCE);
        for (int index = taken.nextClearBit(0);
                index < spec.size() && pending.size() < most;
                index = taken.nextClearBit(index + 1)) {
            pending.add(index);
        }
        return pending;
    }

    private void create(ObjectNode job, List<ObjectNode> made) throws InterruptedException {
        SlowStart.run(made.stream()
                .map(pod -> (Runnable) () -> podWrites.create(job, pod))
                .toList());
    }

    private static ObjectNode tracked(ObjectNode job) {
        ObjectNode pod = PodTemplate.pod(job);
        track(pod);
        return pod;
    }

    /** k8s.io/kubernetes/pkg/controller/job/indexed_job_utils.go */
    private static ObjectNode indexed(ObjectNode pod, ObjectNode job, int index) {
        String number = Integer.toString(index);
        ObjectNode meta = Meta.of(pod);
        meta.put("generateName", Meta.name(job) + "-" + number + "-");
        Json.child(meta, "annotations").put(JobLabels.INDEX, number);
        Json.child(meta, "labels").put(JobLabels.INDEX, number);
        ObjectNode spec = Json.child(pod, "spec");
        spec.put("hostname", Meta.name(job) + "-" + number);
        for (String list : List.of("initContainers", "containers")) {
            for (JsonNode container : spec.path(list)) {
                variable((ObjectNode) container);
            }
        }
        return pod;
    }

    private static void variable(ObjectNode container) {
        ArrayNode variables = container.withArray("env");
        for (JsonNode variable : variables) {
            if (Json.textAt(variable, "name").equals(INDEX_VARIABLE)) {
                return;
            }
        }
        variables
                .addObject()
                .put("name", INDEX_VARIABLE)
                .putObject("valueFrom")
                .putObject("fieldRef")
                .put("apiVersion", "v1")
                .put("fieldPath", "metadata.labels['" + JobLabels.INDEX + "']");
    }

    /** Lets go of pods: what holds them no longer does. */
    void release(List<Replica> pods) throws InterruptedException {
        SlowStart.run(pods.stream()
                .filter(Replica::tracked)
                .map(pod -> (Runnable) () -> release(pod))
                .toList());
    }

    void release(Replica pod) {
        writer.mutate(pod.key(), pod.uid(), object -> {
            ArrayNode finalizers = Meta.of(object).withArray("finalizers");
            boolean removed = false;
            for (int i = finalizers.size() - 1; i >= 0; i--) {
                if (finalizers.get(i).asText().equals(JobLabels.TRACKING)) {
                    finalizers.remove(i);
                    removed = true;
                }
            }
            if (finalizers.isEmpty()) {
                Meta.of(object).remove("finalizers");
            }
            return removed;
        });
    }

    /**
     * How long until the next pod may be made: after each failure since the last success twice as long (upstream: 10 s to ten
     * minutes), counted from the last failure. Read off the pods themselves, so a new leader waits as long.
     */
    Duration pause(List<Replica> own, Instant now) {
        List<Replica> ended = own.stream()
                .filter(pod -> pod.finished() || (pod.deleting() && pod.tracked()))
                .sorted(Comparator.comparing(Replica::ended).reversed())
                .toList();
        int failures = 0;
        for (Replica pod : ended) {
            if (pod.phase().equals("Succeeded")) {
                break;
            }
            failures++;
        }
        if (failures == 0) {
            return Duration.ZERO;
        }
        Instant until = ended.getFirst().ended().plus(backoff.after(failures));
        return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    }
}
