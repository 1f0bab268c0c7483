package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.CronRuns;
import dev.selvage.model.CronTurn;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Outcome;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Makes Jobs at the times of a schedule (k8s.io/kubernetes/pkg/controller/cronjob). Which runs there are is read off the
 * Jobs themselves, whose names carry their minute: a crash between making one and noting it makes no second. Where a node
 * keeps the schedule ({@link CronKeepers}) it makes the Jobs, and the status and the history alone are the centre's.
 */
final class CronJobs implements Part {
    /** Upstream waits as long past the time, so that it never wakes before it. */
    private static final Duration PAST = Duration.ofMillis(100);

    private final Informer cronJobs;
    private final OwnerIndex<CronRun> runs;
    private final CronKeepers keepers;
    private final Writer writer;
    private final Recorder events;
    private final Clock clock;
    private final Controller<ObjectKey> controller = new Controller<>("cronjob", this::reconcile);

    CronJobs(
            Informers informers,
            OwnerIndex<CronRun> runs,
            CronKeepers keepers,
            Writer writer,
            Recorder events,
            Clock clock) {
        this.cronJobs = informers.of(Kinds.CRON_JOB);
        this.runs = runs;
        this.keepers = keepers;
        this.writer = writer;
        this.events = events;
        this.clock = clock;
        cronJobs.listen(change -> controller.enqueue(change.key()));
        keepers.listen(node -> cronJobs.all().stream()
                .filter(stored ->
                        CronRuns.boundTo(stored.parse()).filter(node::equals).isPresent())
                .forEach(stored -> controller.enqueue(stored.key())));
        runs.listen(run -> run.controller()
                .filter(owner -> owner.kind().equals(Kinds.CRON_JOB.kind()))
                .ifPresent(owner -> controller.enqueue(
                        ObjectKey.of(Kinds.CRON_JOB, run.key().namespace(), owner.name()))));
    }

    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private Next reconcile(ObjectKey key) {
        Optional<Stored> stored = cronJobs.get(key);
        if (stored.isEmpty()) {
            return Next.DONE;
        }
        ObjectNode cronJob = stored.get().parse();
        String keeper = keepers.of(cronJob);
        // whoever had the schedule until now keeps it until the change is written: no time has two keepers
        boolean own = keeper.isEmpty()
                && Json.textAt(cronJob, "status", CronRuns.KEEPER).isEmpty();
        Next next = Meta.deleting(cronJob) || !own ? Next.DONE : schedule(cronJob, clock.instant());
        List<CronRun> all = runs.of(Meta.uid(cronJob));
        CronReport report = new CronReport(cronJob, all, keeper);
        report.events().forEach(event -> events.record(cronJob, event.type(), event.reason(), event.message()));
        writer.mutateStatus(key, Meta.uid(cronJob), report::write);
        if (!Meta.deleting(cronJob)) {
            cleanUp(cronJob, all);
        }
        return next;
    }

    /** Makes the Job that is due, if the policy lets it; returns when to look again. */
    private Next schedule(ObjectNode cronJob, Instant now) {
        CronTurn turn = CronTurn.of(cronJob, CronReport.lastSchedule(cronJob, runs.of(Meta.uid(cronJob))), now);
        turn.told().forEach(told -> warn(cronJob, told.reason(), told.message()));
        turn.slot().ifPresent(slot -> start(cronJob, slot, turn.zone()));
        return turn.next()
                .map(at -> Next.after(Duration.between(now, at).plus(PAST)))
                .orElse(Next.DONE);
    }

    private void start(ObjectNode cronJob, Instant slot, ZoneId zone) {
        List<CronRun> active = CronReport.active(runs.of(Meta.uid(cronJob)));
        String policy = Json.textAt(cronJob, "spec", "concurrencyPolicy");
        if (policy.equals("Forbid") && !active.isEmpty()) {
            events.record(
                    cronJob,
                    Recorder.Type.NORMAL,
                    "JobAlreadyActive",
                    "Not starting job because prior execution is running and concurrency policy is Forbid");
            return;
        }
        if (policy.equals("Replace")) {
            active.forEach(run -> delete(cronJob, run));
        }
        ObjectNode job = CronRuns.job(cronJob, slot, zone);
        switch (writer.create(job)) {
            case Outcome.Committed created ->
                events.record(
                        cronJob,
                        Recorder.Type.NORMAL,
                        "SuccessfulCreate",
                        "Created job " + created.stored().key().name());
            case Outcome.AlreadyExists _ -> {} // of the same minute: made before, or by somebody else
            case Outcome.Invalid(String message) -> warn(cronJob, "FailedCreate", "Error creating job: " + message);
            default -> throw new IllegalStateException("a job of " + Meta.name(cronJob) + " could not be created");
        }
    }

    private void delete(ObjectNode cronJob, CronRun run) {
        if (!run.deleting()
                && writer.delete(run.key(), DeleteOptions.ofUid(run.uid())).succeeded()) {
            events.record(
                    cronJob,
                    Recorder.Type.NORMAL,
                    "SuccessfulDelete",
                    "Deleted job " + run.key().name());
        }
    }

    /** Deletes the oldest of those that ended, beyond what the history is to keep. */
    private void cleanUp(ObjectNode cronJob, List<CronRun> all) {
        for (boolean complete : new boolean[] {true, false}) {
            String limit = complete ? "successfulJobsHistoryLimit" : "failedJobsHistoryLimit";
            if (!cronJob.path("spec").hasNonNull(limit)) {
                continue;
            }
            List<CronRun> ended = new ArrayList<>(all.stream()
                    .filter(run -> run.finished() && run.complete() == complete)
                    .sorted(Comparator.comparing(CronRun::started)
                            .thenComparing(run -> run.key().name()))
                    .toList());
            int surplus = ended.size() - Json.at(cronJob, "spec", limit).asInt();
            ended.stream().limit(Math.max(0, surplus)).forEach(run -> delete(cronJob, run));
        }
    }

    private void warn(ObjectNode cronJob, String reason, String message) {
        events.record(cronJob, Recorder.Type.WARNING, reason, message);
    }
}
