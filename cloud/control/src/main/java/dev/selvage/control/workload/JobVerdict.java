package dev.selvage.control.workload;

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

    static final JobVerdict GOES_ON = new JobVerdict(Outcome.GOES_ON, "", "");

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

    /** What the Job's interim conditions say. */
    static JobVerdict known(ObjectNode job) {
        return told(job, JobConditions.SUCCESS_CRITERIA_MET, Outcome.COMPLETE)
                .or(() -> told(job, JobConditions.FAILURE_TARGET, Outcome.FAILED))
                .orElse(GOES_ON);
    }

    private static Optional<JobVerdict> told(ObjectNode job, String condition, Outcome outcome) {
        return Conditions.find(job, condition)
                .filter(c -> Json.textAt(c, "status").equals("True"))
                .map(c -> new JobVerdict(outcome, Json.textAt(c, "reason"), Json.textAt(c, "message")));
    }

    /** What the pods say of a Job whose end is not decided yet; upstream's order. */
    static JobVerdict of(ObjectNode job, JobSpec spec, JobTally tally, int restarts, Instant now) {
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
        int failedIndexes = tally.indexes.failed.cardinality();
        if (spec.maxFailedIndexes().isPresent()
                && failedIndexes > spec.maxFailedIndexes().getAsInt()) {
            return failed(
                    "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
        }
        if (failedIndexes > 0 && failedIndexes + tally.succeeded() >= spec.size()) {
            return failed("FailedIndexes", "Job has failed indexes");
        }
        Optional<String> met = spec.indexed() ? spec.success().met(tally.done, spec.size()) : Optional.empty();
        if (met.isPresent()) {
            return new JobVerdict(Outcome.COMPLETE, "SuccessPolicy", met.get());
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
