package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.CronSchedule;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Timestamps;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Outcome;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Makes Jobs at the times of a schedule (k8s.io/kubernetes/pkg/controller/cronjob). Which runs there are is read off the
 * Jobs themselves, whose names carry their minute: a crash between making one and noting it makes no second.
 */
final class CronJobs implements Part {
    /** Upstream waits as long past the time, so that it never wakes before it. */
    private static final Duration PAST = Duration.ofMillis(100);

    private final Informer cronJobs;
    private final OwnerIndex<CronRun> runs;
    private final Writer writer;
    private final Recorder events;
    private final Clock clock;
    private final Controller<ObjectKey> controller = new Controller<>("cronjob", this::reconcile);

    CronJobs(Informers informers, OwnerIndex<CronRun> runs, Writer writer, Recorder events, Clock clock) {
        this.cronJobs = informers.of(Kinds.CRON_JOB);
        this.runs = runs;
        this.writer = writer;
        this.events = events;
        this.clock = clock;
        cronJobs.listen(change -> controller.enqueue(change.key()));
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
        Next next = Meta.deleting(cronJob) ? Next.DONE : schedule(cronJob, clock.instant());
        List<CronRun> all = runs.of(Meta.uid(cronJob));
        CronReport report = new CronReport(cronJob, all);
        report.events().forEach(event -> events.record(cronJob, event.type(), event.reason(), event.message()));
        writer.mutateStatus(key, Meta.uid(cronJob), report::write);
        if (!Meta.deleting(cronJob)) {
            cleanUp(cronJob, all);
        }
        return next;
    }

    /** Makes the Job that is due, if the policy lets it; returns when to look again. */
    private Next schedule(ObjectNode cronJob, Instant now) {
        String zoneName = Json.textAt(cronJob, "spec", "timeZone");
        Optional<ZoneId> zone = CronSchedule.zone(zoneName);
        if (zone.isEmpty()) {
            warn(cronJob, "UnknownTimeZone", "invalid timeZone: \"" + zoneName + "\": unknown time zone " + zoneName);
            return Next.DONE;
        }
        if (Json.at(cronJob, "spec", "suspend").asBoolean(false)) {
            return Next.DONE;
        }
        String text = Json.textAt(cronJob, "spec", "schedule");
        CronSchedule schedule;
        try {
            schedule = CronSchedule.parse(text, zone.get());
        } catch (IllegalArgumentException e) {
            warn(cronJob, "UnparseableSchedule", "unparseable schedule: \"" + text + "\" : " + e.getMessage());
            return Next.DONE;
        }
        Next next = schedule.next(now)
                .map(at -> Next.after(Duration.between(now, at).plus(PAST)))
                .orElse(Next.DONE);
        CronDue due = CronDue.between(schedule, since(cronJob, now), now);
        if (due.tooMany()) {
            warn(
                    cronJob,
                    "TooManyMissedTimes",
                    "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }
        due.slot().ifPresent(slot -> start(cronJob, slot, zone.get(), now));
        return next;
    }

    /** Of what was missed before then nothing is made up for. */
    private Instant since(ObjectNode cronJob, Instant now) {
        Instant since = CronReport.lastSchedule(cronJob, runs.of(Meta.uid(cronJob)))
                .or(() -> Timestamps.parse(Meta.creationTimestamp(cronJob)))
                .orElse(now);
        return deadline(cronJob)
                .map(now::minus)
                .filter(earliest -> earliest.isAfter(since))
                .orElse(since);
    }

    private static Optional<Duration> deadline(ObjectNode cronJob) {
        return cronJob.path("spec").hasNonNull("startingDeadlineSeconds")
                ? Optional.of(Duration.ofSeconds(
                        Json.at(cronJob, "spec", "startingDeadlineSeconds").asLong()))
                : Optional.empty();
    }

    private void start(ObjectNode cronJob, Instant slot, ZoneId zone, Instant now) {
        if (deadline(cronJob).filter(wait -> slot.plus(wait).isBefore(now)).isPresent()) {
            String time = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss xxxx", Locale.ENGLISH)
                    .format(slot.atZone(ZoneOffset.UTC));
            warn(cronJob, "MissSchedule", "Missed scheduled time to start a job: " + time);
            return;
        }
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
        ObjectNode job = CronRunDraft.of(cronJob, slot, zone);
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
