package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Recorder;
import dev.selvage.model.Conditions;
import dev.selvage.model.JobConditions;
import dev.selvage.model.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** A Job's next status, and what of it is worth an event. */
final class JobReport {
    /** @param reason upstream's */
    record Told(Recorder.Type type, String reason, String message) {}

    private final ObjectNode job;
    private final JobSpec spec;
    private final JobTally tally;
    private final Instant now;
    private final List<Told> events = new ArrayList<>();

    /** @param verdict decided before pods were made or deleted */
    JobReport(ObjectNode job, JobSpec spec, JobTally tally, JobVerdict verdict, Instant now) {
        this.job = job.deepCopy();
        this.spec = spec;
        this.tally = tally;
        this.now = now;
        this.job.set("status", tally.status());
        start();
        suspension();
        end(verdict);
    }

    ObjectNode status() {
        return Json.child(job, "status");
    }

    JobTally tally() {
        return tally;
    }

    List<Told> events() {
        return events;
    }

    private void start() {
        if (!spec.suspended() && !status().has("startTime")) {
            status().put("startTime", seconds());
        }
    }

    private String seconds() {
        return now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private void suspension() {
        String before = Conditions.status(job, JobConditions.SUSPENDED);
        if (spec.suspended() && !before.equals("True")) {
            JobConditions.set(job, JobConditions.SUSPENDED, "True", "JobSuspended", "Job suspended", now);
            events.add(new Told(Recorder.Type.NORMAL, "Suspended", "Job suspended"));
        } else if (!spec.suspended() && before.equals("True")) {
            JobConditions.set(job, JobConditions.SUSPENDED, "False", "JobResumed", "Job resumed", now);
            status().put("startTime", seconds()); // of each resumption anew, so that the deadline counts from there
            events.add(new Told(Recorder.Type.NORMAL, "Resumed", "Job resumed"));
        }
    }

    /** The interim condition at once; the last word only when every pod has ended and is counted. */
    private void end(JobVerdict verdict) {
        if (!verdict.decided()) {
            return;
        }
        String interim = verdict.complete() ? JobConditions.SUCCESS_CRITERIA_MET : JobConditions.FAILURE_TARGET;
        boolean known = JobConditions.is(job, interim);
        JobConditions.set(job, interim, "True", verdict.reason(), verdict.message(), now);
        boolean ended = tally.active.isEmpty() && tally.terminating.isEmpty();
        if (!known || !ended || !tally.allCounted()) {
            return;
        }
        String last = verdict.complete() ? JobConditions.COMPLETE : JobConditions.FAILED;
        JobConditions.set(job, last, "True", verdict.reason(), verdict.message(), now);
        if (!verdict.complete()) {
            events.add(new Told(Recorder.Type.WARNING, verdict.reason(), verdict.message()));
            return;
        }
        status().put("completionTime", seconds());
        if (spec.completions().isPresent()
                && tally.succeeded() > spec.completions().getAsInt()) {
            events.add(new Told(
                    Recorder.Type.WARNING,
                    "TooManySucceededPods",
                    "Too many succeeded pods running after completion count reached"));
        }
        events.add(new Told(Recorder.Type.NORMAL, "Completed", "Job completed"));
    }
}
