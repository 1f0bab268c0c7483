package dev.selvage.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.NodeRun;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A Job's status (batch/v1) from what its node tells: as the centre's Job controller would have written it, at the node's times. */
final class RunStatus {
    private static final String COMPLETE = "Complete";
    private static final String FAILED = "Failed";

    private RunStatus() {}

    /** Changes the status in place, unless it is final already; returns whether it has become final. */
    static boolean write(ObjectNode job, NodeRun run) {
        if (finished(job)) {
            return false;
        }
        ObjectNode status = Json.child(job, "status");
        status.put("startTime", seconds(run.started()));
        count(status, "active", run.active() && run.end().isEmpty() ? 1 : 0);
        count(status, "failed", run.failed());
        status.put("ready", run.ready() && run.end().isEmpty() ? 1 : 0).put("terminating", 0);
        status.putObject("uncountedTerminatedPods");
        run.end().ifPresent(end -> {
            if (end.complete()) {
                status.put("succeeded", 1).put("completionTime", seconds(end.at()));
                condition(job, "SuccessCriteriaMet", end);
                condition(job, COMPLETE, end);
            } else {
                condition(job, "FailureTarget", end);
                condition(job, FAILED, end);
            }
        });
        return run.end().isPresent();
    }

    private static boolean finished(ObjectNode job) {
        return Conditions.status(job, COMPLETE).equals("True")
                || Conditions.status(job, FAILED).equals("True");
    }

    private static void count(ObjectNode status, String field, int count) {
        if (count == 0) {
            status.remove(field);
        } else {
            status.put(field, count);
        }
    }

    private static void condition(ObjectNode job, String type, NodeRun.End end) {
        String reason = end.complete() ? "CompletionsReached" : end.reason();
        String message = end.complete() ? "Reached expected number of succeeded pods" : end.message();
        Conditions.set(job, type, "True", reason, message, end.at());
        for (JsonNode condition : job.path("status").path("conditions")) {
            if (condition instanceof ObjectNode found && !found.has("lastProbeTime")) {
                found.put("lastProbeTime", seconds(end.at()));
            }
        }
    }

    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
