package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.model.Timestamps;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One pod of a run: what the node knows of it, apart from what {@link Pods} keeps. */
final class CronAttempt {
    final int number;
    final String uid;
    /** The centre has it. */
    boolean known;
    /** The slice has it at present. */
    boolean present;
    /** It must end though it has not by itself. */
    boolean stop;
    /** Nothing of it is left on the node. */
    boolean gone;

    boolean ready;
    int restarts;
    String phase = "";

    @Nullable
    Instant ended;

    /** As last observed, since the agent's start. */
    @Nullable
    ObjectNode status;

    CronAttempt(String jobUid, int number) {
        this.number = number;
        this.uid = CronRuns.podUid(jobUid, number);
    }

    boolean finished() {
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /** Without the node's word the slice would have it started again. */
    boolean held() {
        return present && (stop || gone);
    }

    boolean over() {
        return finished() || gone;
    }

    /** @param observed the pod's PodStatus */
    void observe(ObjectNode observed, Instant now) {
        status = observed;
        if (finished()) {
            return;
        }
        phase = Json.textAt(observed, "phase");
        ready = Conditions.status(Json.object().set("status", observed), "Ready")
                .equals("True");
        restarts = 0;
        for (String list : new String[] {"initContainerStatuses", "containerStatuses"}) {
            for (JsonNode container : observed.path(list)) {
                restarts += container.path("restartCount").asInt(0);
                Timestamps.parse(Json.textAt(container, "state", "terminated", "finishedAt"))
                        .filter(at -> ended == null || at.isAfter(ended))
                        .ifPresent(at -> ended = at);
            }
        }
        if (finished() && ended == null) {
            ended = now;
        }
    }

    void gone(Instant now) {
        gone = true;
        ready = false;
        ended = ended == null ? now : ended;
    }

    ObjectNode json() {
        ObjectNode json = Json.object()
                .put("known", known)
                .put("stop", stop)
                .put("gone", gone)
                .put("phase", finished() ? phase : "");
        if (ended != null && over()) {
            json.put("ended", ended.toString());
        }
        return json;
    }

    static CronAttempt of(String jobUid, int number, JsonNode json) {
        CronAttempt attempt = new CronAttempt(jobUid, number);
        attempt.known = json.path("known").asBoolean(false);
        attempt.stop = json.path("stop").asBoolean(false);
        attempt.gone = json.path("gone").asBoolean(false);
        attempt.phase = Json.textAt(json, "phase");
        attempt.ended = ContainerRecord.instant(json, "ended");
        return attempt;
    }
}
