package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Recorder;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A CronJob's status from its Jobs, and what of it is worth an event. */
final class CronReport {
    /** @param reason upstream's */
    record Told(Recorder.Type type, String reason, String message) {}

    private final ObjectNode cronJob;
    private final List<CronRun> runs;
    private final String keeper;

    /** @param keeper the node that keeps the schedule, "" for the centre */
    CronReport(ObjectNode cronJob, List<CronRun> runs, String keeper) {
        this.cronJob = cronJob;
        this.runs = runs;
        this.keeper = keeper;
    }

    /** Those that the schedule made and that still run, oldest first. */
    static List<CronRun> active(List<CronRun> runs) {
        return runs.stream()
                .filter(run -> run.slot().isPresent() && !run.finished())
                .sorted(Comparator.comparing(run -> run.slot().orElse(Instant.EPOCH)))
                .toList();
    }

    /** The latest time that a Job was made for: as noted, or as the Jobs show. */
    static Optional<Instant> lastSchedule(ObjectNode cronJob, List<CronRun> runs) {
        Optional<Instant> noted = Timestamps.parse(Json.textAt(cronJob, "status", "lastScheduleTime"));
        Optional<Instant> shown =
                runs.stream().flatMap(run -> run.slot().stream()).max(Comparator.naturalOrder());
        return noted.isPresent() && shown.isPresent() && shown.get().isBefore(noted.get())
                ? noted
                : shown.or(() -> noted);
    }

    List<Told> events() {
        Map<String, CronRun> byUid = new HashMap<>();
        runs.forEach(run -> byUid.put(run.uid(), run));
        List<Told> events = new ArrayList<>();
        for (JsonNode before : cronJob.path("status").path("active")) {
            CronRun run = byUid.get(Json.textAt(before, "uid"));
            if (run == null) {
                events.add(new Told(
                        Recorder.Type.NORMAL, "MissingJob", "Active job went missing: " + Json.textAt(before, "name")));
            } else if (run.finished()) {
                events.add(new Told(
                        Recorder.Type.NORMAL,
                        "SawCompletedJob",
                        "Saw completed job: " + run.key().name() + ", condition: " + run.end()));
            }
        }
        runs.stream()
                .filter(run -> run.slot().isEmpty() && !run.finished())
                .forEach(run -> events.add(new Told(
                        Recorder.Type.WARNING,
                        "UnexpectedJob",
                        "Saw a job that the controller did not create or forgot: "
                                + run.key().name())));
        return events;
    }

    /** Writes the status; returns whether anything changed. */
    boolean write(ObjectNode object) {
        JsonNode before = object.path("status").deepCopy();
        ObjectNode status = Json.child(object, "status");
        ArrayNode active = Json.array();
        active(runs)
                .forEach(run -> active.addObject()
                        .put("apiVersion", Kinds.JOB.apiVersion())
                        .put("kind", Kinds.JOB.kind())
                        .put("name", run.key().name())
                        .put("namespace", run.key().namespace())
                        .put("uid", run.uid()));
        if (active.isEmpty()) {
            status.remove("active");
        } else {
            status.set("active", active);
        }
        if (keeper.isEmpty()) {
            status.remove(CronRuns.KEEPER);
        } else {
            status.put(CronRuns.KEEPER, keeper);
        }
        lastSchedule(object, runs).ifPresent(at -> status.put("lastScheduleTime", at.toString()));
        Optional<Instant> noted = Timestamps.parse(Json.textAt(status, "lastSuccessfulTime"));
        runs.stream()
                .filter(CronRun::complete)
                .flatMap(run -> run.completed().stream())
                .max(Comparator.naturalOrder())
                .filter(at -> noted.filter(n -> !at.isAfter(n)).isEmpty())
                .ifPresent(at -> status.put("lastSuccessfulTime", at.toString()));
        if (status.isEmpty() && before.isMissingNode()) {
            object.remove("status");
            return false;
        }
        return !status.equals(before);
    }
}
