package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Backoff;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.CronRuns;
import dev.selvage.model.JobConditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Timestamps;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs pods until enough of them have succeeded, or too many have failed (k8s.io/kubernetes/pkg/controller/job of 1.31). A pod
 * on a node that cannot be reached counts as running: nobody makes a second one, unless its template says
 * {@value Replica#EVICT_AFTER}.
 */
final class Jobs implements Part {
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);

    private final Informer jobs;
    private final Informer podObjects;
    private final SelectorIndex selectors;
    private final OwnerIndex<Replica> pods;
    private final JobPods jobPods;
    private final Writer writer;
    private final Recorder events;
    private final Clock clock;
    private final Controller<ObjectKey> controller = new Controller<>("job", this::reconcile);
    private final Controller<ObjectKey> orphans = new Controller<>("job-orphans", this::releaseOrphan);

    Jobs(
            Informers informers,
            OwnerIndex<Replica> pods,
            PodWrites podWrites,
            Writer writer,
            Recorder events,
            Backoff backoff,
            Clock clock) {
        this.jobs = informers.of(Kinds.JOB);
        this.podObjects = informers.of(Kinds.POD);
        this.selectors = new SelectorIndex(Kinds.JOB, jobs);
        this.pods = pods;
        this.jobPods = new JobPods(podWrites, writer, backoff);
        this.writer = writer;
        this.events = events;
        this.clock = clock;
        pods.listen(this::podChanged);
        jobs.listen(change -> {
            controller.enqueue(change.key());
            Stream.concat(change.replacedUid().stream(), change.gone() ? Stream.of(change.uid()) : Stream.empty())
                    .flatMap(uid -> pods.of(uid).stream())
                    .forEach(pod -> orphans.enqueue(pod.key()));
        });
    }

    @Override
    public void start() {
        controller.start();
        orphans.start();
    }

    @Override
    public void close() {
        controller.close();
        orphans.close();
    }

    private void podChanged(Replica pod) {
        selectors.concerned(pod).forEach(controller::enqueue);
        if (pod.tracked() && owner(pod).isEmpty()) {
            orphans.enqueue(pod.key());
        }
    }

    private Optional<Stored> owner(Replica pod) {
        return pod.controller()
                .flatMap(owner -> jobs.get(ObjectKey.of(Kinds.JOB, pod.key().namespace(), owner.name()))
                        .filter(job -> job.uid().equals(owner.uid())));
    }

    /** A pod whose Job is gone is counted by nobody: its finalizer would keep it for ever. */
    private Next releaseOrphan(ObjectKey key) {
        Optional<Replica> pod = podObjects.get(key).map(Stored::parse).map(Replica::of);
        if (pod.filter(Replica::tracked).isPresent() && owner(pod.get()).isEmpty()) {
            Optional<ObjectKey> job =
                    pod.get().controller().map(owner -> ObjectKey.of(Kinds.JOB, key.namespace(), owner.name()));
            boolean there = job.flatMap(writer::read)
                    .filter(j -> j.uid().equals(pod.get().controllerUid()))
                    .isPresent();
            if (there) {
                return Next.after(Duration.ofSeconds(1)); // the informer has yet to hear of it
            }
            jobPods.release(pod.get());
        }
        return Next.DONE;
    }

    private Next reconcile(ObjectKey key) throws InterruptedException {
        Optional<Stored> stored = jobs.get(key);
        if (stored.isEmpty()) {
            return Next.DONE;
        }
        ObjectNode job = stored.get().parse();
        if (Meta.deleting(job)) {
            jobPods.release(pods.of(Meta.uid(job)));
            return Next.DONE;
        }
        if (!CronRuns.maker(job).isEmpty()) {
            return madeByNode(job);
        }
        if (JobConditions.finished(job)) {
            jobPods.release(pods.of(Meta.uid(job)));
            return expire(job, JobSpec.of(job));
        }
        return advance(job, JobSpec.of(job));
    }

    /**
     * The node that keeps a CronJob's schedule makes these Jobs' pods and says how they end: a pod that seems to run in a Job that has ended is one whose status is
     * still on its way.
     */
    private Next madeByNode(ObjectNode job) {
        return JobConditions.finished(job) ? expire(job, JobSpec.of(job)) : Next.DONE;
    }

    /** ttlSecondsAfterFinished (upstream's TTL controller). */
    private Next expire(ObjectNode job, JobSpec spec) {
        Optional<Instant> end =
                spec.ttl().flatMap(ttl -> JobConditions.finishedAt(job).map(at -> at.plus(ttl)));
        Instant now = clock.instant();
        if (end.isEmpty()) {
            return Next.DONE;
        }
        if (now.isBefore(end.get())) {
            return Next.after(Duration.between(now, end.get()).plusMillis(1));
        }
        writer.delete(
                ObjectKey.of(job),
                new DeleteOptions(Meta.uid(job), null, DeleteOptions.Propagation.FOREGROUND, null, false, false));
        return Next.DONE;
    }

    private Next advance(ObjectNode job, JobSpec spec) throws InterruptedException {
        Instant now = clock.instant();
        List<Replica> own = jobPods.of(job, pods);
        JobVerdict verdict = JobVerdict.known(job);
        JobTally tally =
                tally(job, spec, own, IndexFailures.of(spec, job.path("status"), verdict.decided()), verdict, now);
        verdict = judged(job, spec, tally, verdict, now);
        boolean refused = false;
        Duration pause = Duration.ZERO;
        try {
            jobPods.delete(
                    job,
                    own.stream().filter(pod -> pod.active() && pod.given(now)).toList());
            pause = level(job, spec, tally, verdict, own, now);
        } catch (PodWrites.Refused e) {
            refused = true;
        }
        // what is written, and lets pods go, must be judged as it is counted: a pod may have ended meanwhile
        own = pods.of(Meta.uid(job));
        IndexFailures indexes =
                verdict.decided() ? tally.indexes.settled() : IndexFailures.of(spec, job.path("status"), false);
        tally = tally(job, spec, own, indexes, verdict, now);
        verdict = judged(job, spec, tally, verdict, now);
        JobReport report = new JobReport(job, spec, tally, verdict, now);
        if (!write(job, report)) {
            return Next.after(Duration.ofMillis(100)); // somebody else wrote the status: count from what it says
        }
        report.events().forEach(event -> events.record(job, event.type(), event.reason(), event.message()));
        jobPods.release(report.tally().release);
        return refused ? Next.after(AFTER_REFUSAL) : later(job, spec, own, pause, now);
    }

    private JobVerdict judged(ObjectNode job, JobSpec spec, JobTally tally, JobVerdict before, Instant now) {
        return before.decided() ? before : JobVerdict.of(job, spec, tally, restarts(spec, tally), now);
    }

    private JobTally tally(
            ObjectNode job, JobSpec spec, List<Replica> own, IndexFailures indexes, JobVerdict known, Instant now) {
        FailurePolicy policy = FailurePolicy.of(job);
        return new JobTally(
                spec,
                job.path("status"),
                own,
                indexes,
                known,
                pod -> policy.absent()
                        ? new FailurePolicy.Verdict.Count()
                        : podObjects
                                .get(pod.key())
                                .map(stored -> policy.judge(stored.parse()))
                                .orElseGet(FailurePolicy.Verdict.Count::new),
                now);
    }

    /** How often containers were started again in place, which counts against the back-off limit, too (restartPolicy OnFailure). */
    private int restarts(JobSpec spec, JobTally tally) {
        if (!spec.restartsInPlace()) {
            return 0;
        }
        int sum = 0;
        for (Replica pod : tally.active) {
            ObjectNode status = podObjects
                    .get(pod.key())
                    .map(Stored::parse)
                    .map(p -> Json.child(p, "status"))
                    .orElseGet(Json::object);
            for (String list : List.of("initContainerStatuses", "containerStatuses")) {
                for (JsonNode container : status.path(list)) {
                    sum += container.path("restartCount").asInt(0);
                }
            }
        }
        return sum;
    }

    /** Makes or deletes pods; returns how long the next one has to wait after failures. */
    private Duration level(
            ObjectNode job, JobSpec spec, JobTally tally, JobVerdict verdict, List<Replica> own, Instant now)
            throws InterruptedException {
        if (verdict.outcome() == JobVerdict.Outcome.FAILED) {
            jobPods.delete(job, tally.active);
            return Duration.ZERO;
        }
        if (verdict.complete() || spec.suspended()) {
            jobPods.dismiss(job, tally.active);
            return Duration.ZERO;
        }
        int active = tally.active.size();
        int wanted = JobPlan.wanted(spec, tally.succeeded(), active);
        if (active > wanted) {
            jobPods.dismiss(job, DeletionRank.first(JobPlan.surplusFirst(spec, tally), active - wanted));
            return Duration.ZERO;
        }
        int missing = wanted - active - tally.held();
        if (missing <= 0) {
            return Duration.ZERO;
        }
        BitSet taken = JobPlan.taken(spec, tally);
        if (tally.indexes.limited()) {
            return jobPods.createEach(job, spec, missing, taken, tally.indexes, now);
        }
        Duration pause = jobPods.pause(own, now);
        if (pause.isZero()) {
            jobPods.create(job, spec, missing, taken);
        }
        return pause;
    }

    /** Writes only over the status that was counted from. */
    private boolean write(ObjectNode job, JobReport report) {
        boolean[] same = {false};
        writer.mutateStatus(ObjectKey.of(job), Meta.uid(job), object -> {
            same[0] = object.path("status").equals(job.path("status"));
            if (!same[0] || report.status().equals(object.path("status"))) {
                return false;
            }
            object.set("status", report.status());
            return true;
        });
        return same[0];
    }

    /** When time alone changes something: the deadline, the back-off, or a node that has been away for too long. */
    private static Next later(ObjectNode job, JobSpec spec, List<Replica> own, Duration pause, Instant now) {
        Stream<Instant> deadline = Timestamps.parse(Json.textAt(job, "status", "startTime")).stream()
                .flatMap(start -> spec.deadline().map(start::plus).stream())
                .filter(at -> at.isAfter(now) && !spec.suspended());
        Stream<Instant> again = pause.isZero() ? Stream.empty() : Stream.of(now.plus(pause));
        Stream<Instant> given = own.stream()
                .filter(pod -> pod.lost() && !pod.given(now))
                .flatMap(pod ->
                        pod.evictAfter().map(wait -> pod.lostSince().orElse(now).plus(wait)).stream());
        return Stream.of(deadline, again, given)
                .flatMap(times -> times)
                .min(Instant::compareTo)
                .map(at -> Next.after(Duration.between(now, at).plusMillis(1)))
                .orElse(Next.DONE);
    }
}
