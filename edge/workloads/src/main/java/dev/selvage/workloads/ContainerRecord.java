package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is remembered of one container; all of it survives a restart of the agent except the reason for waiting. */
final class ContainerRecord {
    final String name;

    /** Of the current run, -1 before the first; persisted before the run is started. */
    int attempt = -1;

    /** Of the current run; null while it has not been seen running. */
    @Nullable
    Instant startedAt;

    /** How the current run ended; null while it has not. */
    Observation.@Nullable Exited exit;

    /** How the run before ended. */
    Observation.@Nullable Exited last;

    @Nullable
    BackOff backOff;

    /** Since when the current run is being stopped. */
    @Nullable
    Instant stopSince;

    /** When the current run was asked to end, after its preStop hook; null while it has not been. */
    @Nullable
    Instant askedAt;

    /** The current run has a postStart hook that has not returned. */
    boolean postStartDue;

    /** The startup probe has passed, or there is none. */
    boolean started;

    boolean ready;

    /** The image of the current run. */
    String image = "";

    /** The content of that image, as the runtime names it. */
    String imageId = "";

    /** Why no run is there, in upstream's words. */
    String waitingReason = "";

    String waitingMessage = "";

    ContainerRecord(String name) {
        this.name = name;
    }

    /** A run has been ordered and has not ended, as far as we know. */
    boolean current() {
        return attempt >= 0 && exit == null;
    }

    boolean running() {
        return current() && startedAt != null;
    }

    /** As far as others are told: not before its postStart hook has returned. */
    boolean shownRunning() {
        return running() && !postStartDue;
    }

    /** Forgets that the container has succeeded, so that it runs once more. */
    void runAgain() {
        if (exit != null) {
            last = exit;
            attempt++;
            exit = null;
            startedAt = null;
            postStartDue = false;
        }
    }

    void waiting(String reason, String message) {
        waitingReason = reason;
        waitingMessage = message;
    }

    ObjectNode json() {
        ObjectNode json =
                Json.object().put("name", name).put("attempt", attempt).put("image", image);
        if (!imageId.isEmpty()) {
            json.put("imageId", imageId);
        }
        json.put("started", started).put("ready", ready);
        put(json, "startedAt", startedAt);
        put(json, "stopSince", stopSince);
        put(json, "askedAt", askedAt);
        if (postStartDue) {
            json.put("postStartDue", true);
        }
        put(json, "exit", exit);
        put(json, "last", last);
        if (backOff != null) {
            json.put("backOffSeconds", backOff.delay().toSeconds())
                    .put("backOffUpdated", backOff.updated().toString());
        }
        return json;
    }

    /** @throws IllegalArgumentException when the state is not what we wrote */
    static ContainerRecord of(JsonNode json) {
        if (!json.path("name").isTextual() || !json.path("attempt").isInt()) {
            throw new IllegalArgumentException("a container without name or attempt");
        }
        ContainerRecord record = new ContainerRecord(Json.textAt(json, "name"));
        record.attempt = json.path("attempt").asInt();
        record.image = Json.textAt(json, "image");
        record.imageId = Json.textAt(json, "imageId");
        record.started = json.path("started").asBoolean();
        record.ready = json.path("ready").asBoolean();
        record.startedAt = instant(json, "startedAt");
        record.stopSince = instant(json, "stopSince");
        record.askedAt = instant(json, "askedAt");
        record.postStartDue = json.path("postStartDue").asBoolean();
        record.exit = exit(json.path("exit"));
        record.last = exit(json.path("last"));
        Instant updated = instant(json, "backOffUpdated");
        if (updated != null) {
            record.backOff =
                    new BackOff(Duration.ofSeconds(json.path("backOffSeconds").asLong()), updated);
        }
        return record;
    }

    static @Nullable Instant instant(JsonNode json, String field) {
        try {
            return json.has(field) ? Instant.parse(Json.textAt(json, field)) : null;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(field + " is no time: " + json.path(field), e);
        }
    }

    private static void put(ObjectNode json, String field, @Nullable Instant time) {
        if (time != null) {
            json.put(field, time.toString());
        }
    }

    private static void put(ObjectNode json, String field, Observation.@Nullable Exited exit) {
        if (exit != null) {
            json.putObject(field)
                    .put("exitCode", exit.exitCode())
                    .put("reason", exit.reason())
                    .put("message", exit.message())
                    .put("startedAt", exit.startedAt().toString())
                    .put("finishedAt", exit.finishedAt().toString());
        }
    }

    private static Observation.@Nullable Exited exit(JsonNode json) {
        Instant started = instant(json, "startedAt");
        Instant finished = instant(json, "finishedAt");
        return started == null || finished == null
                ? null
                : new Observation.Exited(
                        json.path("exitCode").asInt(),
                        Json.textAt(json, "reason"),
                        Json.textAt(json, "message"),
                        started,
                        finished);
    }
}
