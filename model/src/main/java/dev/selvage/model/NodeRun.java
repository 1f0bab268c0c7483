package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a node tells of one run of a CronJob that is bound to it. All runs that it remembers travel together, as {@code {"runs": [...]}}, in place of a status of the
 * CronJob.
 *
 * @param slot the time of the schedule, a whole minute
 * @param known the node has seen the Job at the centre: where it is missing, it was deleted
 * @param replaced a later run has taken its place (concurrencyPolicy Replace)
 * @param offline begun without a link
 * @param generation of the CronJob whose template it runs
 * @param unknown numbers of its pods that the node has not seen at the centre
 * @param failed pods
 */
public record NodeRun(
        Instant slot,
        boolean known,
        boolean replaced,
        boolean offline,
        long generation,
        Instant started,
        List<Integer> unknown,
        int failed,
        boolean active,
        boolean ready,
        Optional<End> end) {

    /** Runs that a node remembers of one CronJob. */
    public static final int MOST = 64;

    private static final int LONGEST = 256;

    /**
     * How it ended.
     *
     * @param reason of the Job's condition (batch/v1)
     */
    public record End(boolean complete, String reason, String message, Instant at) {
        public ObjectNode json() {
            return Json.object()
                    .put("complete", complete)
                    .put("reason", reason)
                    .put("message", message)
                    .put("at", at.toString());
        }
    }

    public NodeRun {
        unknown = List.copyOf(unknown);
    }

    public static ObjectNode report(List<NodeRun> runs) {
        ObjectNode report = Json.object();
        ArrayNode list = report.putArray("runs");
        runs.forEach(run -> list.add(run.json()));
        return report;
    }

    private ObjectNode json() {
        ObjectNode json = Json.object()
                .put("minute", CronRuns.minute(slot))
                .put("known", known)
                .put("replaced", replaced)
                .put("offline", offline)
                .put("generation", generation)
                .put("started", started.toString())
                .put("failed", failed)
                .put("active", active)
                .put("ready", ready);
        unknown.forEach(json.putArray("unknown")::add);
        end.ifPresent(e -> json.set("end", e.json()));
        return json;
    }

    /** @throws IllegalArgumentException naming the field, what it holds and what is accepted */
    public static List<NodeRun> read(JsonNode report) {
        JsonNode list = report.path("runs");
        if (!list.isArray() || list.size() > MOST) {
            throw new IllegalArgumentException("runs: found " + (list.isArray() ? list.size() + " of them" : "no list")
                    + ", accepted are up to " + MOST);
        }
        List<NodeRun> runs = new ArrayList<>();
        list.forEach(run -> runs.add(of(run)));
        return runs;
    }

    private static NodeRun of(JsonNode json) {
        JsonNode end = json.path("end");
        List<Integer> unknown = new ArrayList<>();
        for (JsonNode number : json.path("unknown")) {
            unknown.add((int) number(number, "unknown", CronRuns.MOST_RETRIES));
            if (unknown.size() > CronRuns.MOST_RETRIES + 1) {
                throw new IllegalArgumentException(
                        "unknown: found more than the " + (CronRuns.MOST_RETRIES + 1) + " pods that a run may have");
            }
        }
        return new NodeRun(
                CronRuns.slot(number(json.path("minute"), "minute", 9_999_999_999L)),
                json.path("known").asBoolean(false),
                json.path("replaced").asBoolean(false),
                json.path("offline").asBoolean(false),
                number(json.path("generation"), "generation", Long.MAX_VALUE),
                time(json, "started"),
                unknown,
                (int) number(json.path("failed"), "failed", CronRuns.MOST_RETRIES + 1),
                json.path("active").asBoolean(false),
                json.path("ready").asBoolean(false),
                end.isObject()
                        ? Optional.of(new End(
                                end.path("complete").asBoolean(false),
                                reason(end),
                                text(end, "message"),
                                time(end, "at")))
                        : Optional.empty());
    }

    private static long number(JsonNode value, String field, long most) {
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0 || value.asLong() > most) {
            throw new IllegalArgumentException(
                    field + ": found " + cut(value.toString()) + ", accepted are whole numbers from 0 to " + most);
        }
        return value.asLong();
    }

    private static Instant time(JsonNode json, String field) {
        String text = text(json, field);
        return Timestamps.parse(text)
                .filter(at -> !at.isBefore(Instant.EPOCH) && at.isBefore(Instant.parse("9999-01-01T00:00:00Z")))
                .orElseThrow(() -> new IllegalArgumentException(
                        field + ": found \"" + text + "\", accepted is a time such as 2026-01-31T10:00:00Z"));
    }

    /** As conditions demand it of their reasons (metav1.Condition). */
    private static String reason(JsonNode end) {
        String reason = text(end, "reason");
        if (!reason.matches("[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?")) {
            throw new IllegalArgumentException("reason: found \"" + reason + "\", accepted is one word in CamelCase");
        }
        return reason;
    }

    private static String text(JsonNode json, String field) {
        return cut(Json.textAt(json, field));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
    }
}
