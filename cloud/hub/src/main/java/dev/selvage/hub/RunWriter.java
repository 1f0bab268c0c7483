package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.link.Event;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.CronRuns;
import dev.selvage.model.InvalidObjectException;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.NodeRun;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Makes Jobs and pods of what a node tells of the CronJobs that are bound to it. Whatever comes twice, or over two sessions, is one: names and uids follow from the
 * CronJob, the minute and the attempt.
 */
final class RunWriter {
    /** Jobs of one CronJob beyond which a node adds none: the history keeps a few, and the centre clears the others away. */
    static final int MOST_JOBS = 2 * NodeRun.MOST;

    /** How far a node's clock may be ahead. */
    private static final Duration AHEAD = Duration.ofHours(1);

    private static final int PER_SECOND = 20;
    private static final long SHARE_MILLIS = 100;
    private static final String SOURCE = "selvage-agent";
    private static final String CREATED = "SuccessfulCreate";

    private final String node;
    private final Resources resources;
    private final Admission admission;
    private final Ownership ownership;
    private final Offences offences;
    private final RateLimit rate = new RateLimit(PER_SECOND);

    /** @param admission completes a pod as the API would */
    RunWriter(String node, Resources resources, Admission admission, Ownership ownership, Offences offences) {
        this.node = node;
        this.resources = resources;
        this.admission = admission;
        this.ownership = ownership;
        this.offences = offences;
    }

    /** Why some of it is refused for good; empty when all of it is stored. */
    Optional<String> write(ObjectKey key, String uid, ObjectNode report) throws InterruptedException {
        Optional<ObjectNode> cronJob = resources.get(key).map(Stored::parse);
        if (cronJob.isEmpty()) {
            return Optional.of("there is no such object");
        }
        Optional<String> refused = ownership.objection(key, uid, cronJob.get());
        if (refused.isPresent()) {
            return refused;
        }
        List<NodeRun> runs;
        try {
            runs = NodeRun.read(report);
        } catch (IllegalArgumentException e) {
            offences.suspect(node, Offence.PROTOCOL, "runs of " + key + ": " + e.getMessage());
            return Optional.of(String.valueOf(e.getMessage()));
        }
        for (NodeRun run : runs) {
            Optional<String> objection = write(cronJob.get(), run);
            refused = refused.isPresent() ? refused : objection;
        }
        return refused;
    }

    private Optional<String> write(ObjectNode cronJob, NodeRun run) throws InterruptedException {
        ObjectKey key = ObjectKey.of(Kinds.JOB, Meta.namespace(cronJob), CronRuns.name(Meta.name(cronJob), run.slot()));
        String uid = CronRuns.uid(Meta.uid(cronJob), run.slot());
        Optional<Stored> there = resources.get(key);
        if (there.isPresent() && !there.get().uid().equals(uid)) {
            return Optional.of(key.name() + " is another Job than the node's");
        }
        if (run.replaced()) {
            there.ifPresent(job -> resources.delete(key, DeleteOptions.ofUid(uid)));
            return Optional.empty();
        }
        if (there.isEmpty()) {
            if (run.known() || Meta.deleting(cronJob)) {
                return Optional.empty(); // somebody has deleted it
            }
            Optional<String> refused = refused(cronJob, run).or(() -> create(cronJob, run));
            if (refused.isPresent()) {
                return refused;
            }
        }
        Optional<ObjectNode> job = resources
                .get(key)
                .filter(stored -> stored.uid().equals(uid))
                .map(Stored::parse)
                .filter(found -> !Meta.deleting(found));
        if (job.isPresent()) {
            for (int attempt : run.unknown()) {
                share();
                createPod(job.get(), attempt);
            }
            status(job.get(), run);
        }
        return Optional.empty();
    }

    private Optional<String> refused(ObjectNode cronJob, NodeRun run) throws InterruptedException {
        if (run.slot().isAfter(Instant.now().plus(AHEAD))) {
            return Optional.of("a run of " + run.slot() + " is in the future: the node's clock is wrong");
        }
        long jobs = resources.dependents(Meta.uid(cronJob)).size();
        if (jobs >= MOST_JOBS) {
            return Optional.of("the CronJob has " + jobs + " Jobs already, accepted are " + MOST_JOBS);
        }
        share();
        return Optional.empty();
    }

    private void share() throws InterruptedException {
        while (!rate.tryTake()) {
            Thread.sleep(SHARE_MILLIS);
        }
    }

    private Optional<String> create(ObjectNode cronJob, NodeRun run) {
        ObjectNode job = CronRuns.job(cronJob, run.slot(), node);
        ObjectNode annotations = (ObjectNode) Meta.of(job).path("annotations");
        annotations.put(CronRuns.GENERATION, Long.toString(run.generation()));
        if (run.offline()) {
            annotations.put(CronRuns.OFFLINE, "true");
        }
        return switch (resources.create(job)) {
            case Outcome.Committed _ -> {
                tell(cronJob, false, CREATED, "Created job " + Meta.name(job), run.started());
                yield Optional.empty();
            }
            case Outcome.Invalid(String message) -> Optional.of(message);
            default -> Optional.empty(); // another session has made it meanwhile
        };
    }

    private void createPod(ObjectNode job, int attempt) {
        ObjectNode pod = CronRuns.pod(job, attempt);
        ObjectKey key = ObjectKey.of(pod);
        try {
            admission.admit(new Admission.Request(
                    Admission.Operation.CREATE, Kinds.POD, key, null, pod, "system:node:" + node, false));
        } catch (AdmissionDenied | InvalidObjectException e) {
            // it has run: a rule that was made meanwhile does not undo that
            pod = CronRuns.pod(job, attempt);
        }
        if (resources.create(pod) instanceof Outcome.Committed) {
            tell(job, false, CREATED, "Created pod: " + key.name(), Instant.now());
        }
    }

    private void status(ObjectNode job, NodeRun run) {
        boolean[] ended = {false};
        resources.mutateStatus(ObjectKey.of(job), object -> {
            ended[0] = Meta.uid(object).equals(Meta.uid(job)) && RunStatus.write(object, run);
            return object;
        });
        run.end()
                .filter(end -> ended[0])
                .ifPresent(end -> tell(
                        job,
                        !end.complete(),
                        end.complete() ? "Completed" : end.reason(),
                        end.complete() ? "Job completed" : end.message(),
                        end.at()));
    }

    private void tell(ObjectNode about, boolean warning, String reason, String message, Instant at) {
        NodeEvents.store(
                resources,
                SOURCE,
                node,
                about,
                Event.newBuilder()
                        .setWarning(warning)
                        .setReason(reason)
                        .setMessage(message)
                        .setAtMillis(at.toEpochMilli())
                        .setCount(1)
                        .build());
    }
}
