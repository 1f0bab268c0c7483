package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Conditions of a Job (batch/v1): as others, with {@code lastProbeTime}. */
public final class JobConditions {
    public static final String COMPLETE = "Complete";
    public static final String FAILED = "Failed";
    public static final String SUSPENDED = "Suspended";
    /** Decided, while pods still end: upstream's interim conditions since 1.31. */
    public static final String FAILURE_TARGET = "FailureTarget";

    public static final String SUCCESS_CRITERIA_MET = "SuccessCriteriaMet";

    private JobConditions() {}

    public static boolean is(ObjectNode job, String type) {
        return Conditions.status(job, type).equals("True");
    }

    public static boolean finished(ObjectNode job) {
        return is(job, COMPLETE) || is(job, FAILED);
    }

    public static Optional<Instant> finishedAt(ObjectNode job) {
        return Conditions.find(job, COMPLETE)
                .or(() -> Conditions.find(job, FAILED))
                .flatMap(c -> Timestamps.parse(Json.textAt(c, "lastTransitionTime")));
    }

    public static void set(ObjectNode job, String type, String status, String reason, String message, Instant now) {
        Conditions.set(job, type, status, reason, message, now);
        for (JsonNode condition : job.path("status").path("conditions")) {
            if (condition instanceof ObjectNode found && !found.has("lastProbeTime")) {
                found.put("lastProbeTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
            }
        }
    }
}
