package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Timestamps;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Conditions of a Deployment: as others, with {@code lastUpdateTime}, from which its progress deadline is counted. */
final class ProgressConditions {
    static final String PROGRESSING = "Progressing";
    static final String NEW_AVAILABLE = "NewReplicaSetAvailable";
    static final String TIMED_OUT = "ProgressDeadlineExceeded";
    static final String PAUSED = "DeploymentPaused";

    private ProgressConditions() {}

    static String reason(ObjectNode deployment) {
        return Conditions.find(deployment, PROGRESSING)
                .map(c -> Json.textAt(c, "reason"))
                .orElse("");
    }

    static Optional<Instant> updated(ObjectNode deployment) {
        return Conditions.find(deployment, PROGRESSING)
                .flatMap(c -> Timestamps.parse(Json.textAt(c, "lastUpdateTime")));
    }

    /** @param touch moves lastUpdateTime also when nothing else changes: there was progress */
    static void set(
            ObjectNode deployment,
            String type,
            String status,
            String reason,
            String message,
            Instant now,
            boolean touch) {
        boolean changed = Conditions.set(deployment, type, status, reason, message, now);
        ArrayNode conditions = (ArrayNode) deployment.path("status").path("conditions");
        for (JsonNode condition : conditions) {
            if (condition instanceof ObjectNode found
                    && Json.textAt(found, "type").equals(type)
                    && (changed || touch || !found.has("lastUpdateTime"))) {
                found.put("lastUpdateTime", now.truncatedTo(ChronoUnit.SECONDS).toString());
            }
        }
    }
}
