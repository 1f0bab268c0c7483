package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a Job asks for (batch/v1 JobSpec).
 *
 * @param completions successes wanted; empty where any success is enough
 * @param replaceFailedOnly podReplacementPolicy Failed: a pod that is being deleted is waited for
 */
record JobSpec(
        OptionalInt completions,
        int parallelism,
        int backoffLimit,
        boolean indexed,
        boolean suspended,
        boolean replaceFailedOnly,
        boolean restartsInPlace,
        Optional<Duration> deadline,
        Optional<Duration> ttl) {

    static JobSpec of(ObjectNode job) {
        JsonNode spec = job.path("spec");
        return new JobSpec(
                spec.hasNonNull("completions")
                        ? OptionalInt.of(spec.path("completions").asInt())
                        : OptionalInt.empty(),
                spec.path("parallelism").asInt(1),
                spec.path("backoffLimit").asInt(6),
                Json.textAt(spec, "completionMode").equals("Indexed"),
                spec.path("suspend").asBoolean(false),
                Json.textAt(spec, "podReplacementPolicy").equals("Failed"),
                Json.textAt(spec, "template", "spec", "restartPolicy").equals("OnFailure"),
                seconds(spec, "activeDeadlineSeconds"),
                seconds(spec, "ttlSecondsAfterFinished"));
    }

    private static Optional<Duration> seconds(JsonNode spec, String field) {
        return spec.hasNonNull(field)
                ? Optional.of(Duration.ofSeconds(spec.path(field).asLong()))
                : Optional.empty();
    }
}
