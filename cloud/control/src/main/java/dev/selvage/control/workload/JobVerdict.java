package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.JobConditions;
import dev.selvage.model.Json;
import dev.selvage.model.Timestamps;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether a Job goes on, and if not how it ends; once decided it stays so, whatever its last pods do.
 *
 * @param reason and {@code message}: of the condition that tells
 */
record JobVerdict(Outcome outcome, String reason, String message) {
    /** Reason and message of a Job that is complete (batch/v1 JobReasonCompletionsReached). */
    private static final JobVerdict COMPLETE =
            new JobVerdict(Outcome.COMPLETE, "CompletionsReached", "Reached expected number of succeeded pods");

    private static final JobVerdict GOES_ON = new JobVerdict(Outcome.GOES_ON, "", "");

    enum Outcome {
        GOES_ON,
        COMPLETE,
        FAILED
    }

    boolean decided() {
        return outcome != Outcome.GOES_ON;
    }

    boolean complete() {
        return outcome == Outcome.COMPLETE;
    }

    static JobVerdict of(ObjectNode job, JobSpec spec, JobTally tally, int restarts, Instant now) {
        Optional<JsonNode> failure = Conditions.find(job, JobConditions.FAILURE_TARGET);
        if (failure.isPresent()) {
            return failed(Json.textAt(failure.get(), "reason"), Json.textAt(failure.get(), "message"));
        }
        if (JobConditions.is(job, JobConditions.SUCCESS_CRITERIA_MET)) {
            return COMPLETE;
        }
        if (tally.policyFailure.isPresent()) {
            return failed("PodFailurePolicy", tally.policyFailure.get());
        }
        boolean tooOftenInPlace = spec.restartsInPlace() && restarts > 0 && restarts >= spec.backoffLimit();
        if (tally.failed() > spec.backoffLimit() || tooOftenInPlace) {
            return failed("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        if (late(job, spec, now)) {
            return failed("DeadlineExceeded", "Job was active longer than specified deadline");
        }
        boolean enough = spec.completions().isPresent()
                ? tally.succeeded() >= spec.completions().getAsInt()
                : tally.succeeded() > 0;
        return enough && tally.active.isEmpty() && tally.held() == 0 ? COMPLETE : GOES_ON;
    }

    private static JobVerdict failed(String reason, String message) {
        return new JobVerdict(Outcome.FAILED, reason, message);
    }

    private static boolean late(ObjectNode job, JobSpec spec, Instant now) {
        return !spec.suspended()
                && Timestamps.parse(Json.textAt(job, "status", "startTime"))
                        .flatMap(start -> spec.deadline().map(start::plus))
                        .filter(end -> !now.isBefore(end))
                        .isPresent();
    }
}
