package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.JobConditions;
import dev.selvage.model.Json;
import dev.selvage.model.NodeRun;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A Job's status (batch/v1) from what its node tells: as the centre's Job controller would have written it, at the node's times. */
final class RunStatus {
    private RunStatus() {}

    /** Changes the status in place, unless it is final already; returns whether it has become final. */
    static boolean write(ObjectNode job, NodeRun run) {
        if (JobConditions.finished(job)) {
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
                condition(job, JobConditions.SUCCESS_CRITERIA_MET, end);
                condition(job, JobConditions.COMPLETE, end);
            } else {
                condition(job, JobConditions.FAILURE_TARGET, end);
                condition(job, JobConditions.FAILED, end);
            }
        });
        return run.end().isPresent();
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
        JobConditions.set(job, type, "True", reason, message, end.at());
    }

    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
