package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.NodeRun;
import dev.selvage.model.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of a CronJob on its node: a Job with one pod at a time, tried again as upstream does (k8s.io/kubernetes/pkg/controller/job): restartPolicy, backoffLimit,
 * activeDeadlineSeconds, and a pause that doubles from ten seconds.
 */
final class CronRun {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    private static final int DEFAULT_BACKOFF_LIMIT = 6;

    final Instant slot;
    /** The Job as the node made it, with the template of then. */
    final ObjectNode job;

    final Instant started;
    final boolean offline;
    final long generation;
    final List<CronAttempt> attempts = new ArrayList<>();
    boolean known;
    boolean replaced;
    /** The centre may have heard of it. */
    boolean sent;
    /** Its Job was deleted. */
    boolean dropped;

    /** The centre has the Job's end. */
    boolean settled;

    NodeRun.@Nullable End end;

    CronRun(Instant slot, ObjectNode job, Instant started, boolean offline, long generation) {
        this.slot = slot;
        this.job = job;
        this.started = started;
        this.offline = offline;
        this.generation = generation;
    }

    String uid() {
        return Meta.uid(job);
    }

    boolean active() {
        return end == null && !replaced && !dropped;
    }

    boolean complete() {
        return end != null && end.complete();
    }

    void addAttempt() {
        attempts.add(new CronAttempt(uid(), attempts.size()));
    }

    ObjectNode pod(CronAttempt attempt) {
        return CronRuns.pod(job, attempt.number);
    }

    private JsonNode spec() {
        return job.path("spec");
    }

    private int backoffLimit() {
        return spec().path("backoffLimit").asInt(DEFAULT_BACKOFF_LIMIT);
    }

    private int failed() {
        return (int) attempts.stream()
                .filter(attempt -> attempt.over() && !attempt.phase.equals("Succeeded"))
                .count();
    }

    /** Ends what has ended; returns whether the next pod is due. */
    boolean advance(Instant now) {
        if (!active()) {
            return false;
        }
        CronAttempt last = attempts.getLast();
        int failed = failed();
        boolean inPlace =
                Json.textAt(spec(), "template", "spec", "restartPolicy").equals("OnFailure");
        if (last.phase.equals("Succeeded")) {
            end(new NodeRun.End(
                    true,
                    "CompletionsReached",
                    "Reached expected number of succeeded pods",
                    last.ended == null ? now : last.ended));
        } else if (failed > backoffLimit() || (inPlace && last.restarts > 0 && last.restarts >= backoffLimit())) {
            end(new NodeRun.End(false, "BackoffLimitExceeded", "Job has reached the specified backoff limit", now));
        } else if (late(now)) {
            end(new NodeRun.End(false, "DeadlineExceeded", "Job was active longer than specified deadline", now));
        } else {
            return last.over() && !now.isBefore(pausedUntil(last, failed, now));
        }
        return false;
    }

    private boolean late(Instant now) {
        return spec().hasNonNull("activeDeadlineSeconds")
                && !now.isBefore(
                        started.plusSeconds(spec().path("activeDeadlineSeconds").asLong()));
    }

    private static Instant pausedUntil(CronAttempt last, int failed, Instant now) {
        Duration pause = failed > 7 ? LONGEST_PAUSE : FIRST_PAUSE.multipliedBy(1L << Math.max(0, failed - 1));
        Instant until = (last.ended == null ? now : last.ended).plus(min(pause, LONGEST_PAUSE));
        // after the clock was set back nobody waits for longer than the longest pause
        return until.isAfter(now.plus(LONGEST_PAUSE)) ? now : until;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void end(NodeRun.End how) {
        end = how;
        stop();
    }

    /** Whatever of it still runs must end. */
    void stop() {
        attempts.stream().filter(attempt -> !attempt.over()).forEach(attempt -> attempt.stop = true);
    }

    /** The centre knows all there is to know, and nothing of it would run again by itself: it is the centre's alone from now on. */
    boolean done() {
        return attempts.stream().noneMatch(CronAttempt::held)
                && (dropped || (settled && attempts.stream().allMatch(attempt -> attempt.known && attempt.over())));
    }

    NodeRun report() {
        List<Integer> unknown = attempts.stream()
                .filter(attempt -> !attempt.known)
                .map(attempt -> attempt.number)
                .toList();
        boolean runs = active() && !attempts.getLast().over();
        return new NodeRun(
                slot,
                known,
                replaced,
                offline,
                generation,
                started,
                unknown,
                failed(),
                runs,
                runs && attempts.getLast().ready,
                Optional.ofNullable(end));
    }

    ObjectNode json() {
        ObjectNode json = Json.object()
                .put("slot", slot.toString())
                .put("started", started.toString())
                .put("offline", offline)
                .put("generation", generation)
                .put("known", known)
                .put("replaced", replaced)
                .put("sent", sent)
                .put("settled", settled)
                .put("dropped", dropped);
        json.set("job", job);
        if (end != null) {
            json.set("end", end.json());
        }
        var list = json.putArray("attempts");
        attempts.forEach(attempt -> list.add(attempt.json()));
        return json;
    }

    /** @throws IllegalArgumentException when it is not what we wrote */
    static CronRun of(JsonNode json) {
        if (!(json.get("job") instanceof ObjectNode job)) {
            throw new IllegalArgumentException("a run without its Job");
        }
        CronRun run = new CronRun(
                time(json, "slot"),
                job,
                time(json, "started"),
                json.path("offline").asBoolean(false),
                json.path("generation").asLong(0));
        run.known = json.path("known").asBoolean(false);
        run.replaced = json.path("replaced").asBoolean(false);
        run.sent = json.path("sent").asBoolean(false);
        run.settled = json.path("settled").asBoolean(false);
        run.dropped = json.path("dropped").asBoolean(false);
        JsonNode end = json.path("end");
        if (end.isObject()) {
            run.end = new NodeRun.End(
                    end.path("complete").asBoolean(false),
                    Json.textAt(end, "reason"),
                    Json.textAt(end, "message"),
                    time(end, "at"));
        }
        json.path("attempts").forEach(a -> run.attempts.add(CronAttempt.of(run.uid(), run.attempts.size(), a)));
        return run;
    }

    private static Instant time(JsonNode json, String field) {
        return Timestamps.parse(Json.textAt(json, field))
                .orElseThrow(() -> new IllegalArgumentException("a run without " + field));
    }
}
