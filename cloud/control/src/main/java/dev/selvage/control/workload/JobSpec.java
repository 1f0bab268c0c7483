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
 * @param perIndex backoffLimitPerIndex; empty for a Job whose failures count together
 * @param maxFailedIndexes failed indexes beyond which the Job ends; empty for any number
 * @param replaceFailedOnly podReplacementPolicy Failed: a pod that is being deleted is waited for
 */
record JobSpec(
        OptionalInt completions,
        int parallelism,
        int backoffLimit,
        OptionalInt perIndex,
        OptionalInt maxFailedIndexes,
        SuccessPolicy success,
        boolean indexed,
        boolean suspended,
        boolean replaceFailedOnly,
        boolean restartsInPlace,
        Optional<Duration> deadline,
        Optional<Duration> ttl) {

    static JobSpec of(ObjectNode job) {
        JsonNode spec = job.path("spec");
        boolean indexed = Json.textAt(spec, "completionMode").equals("Indexed");
        return new JobSpec(
                number(spec, "completions"),
                spec.path("parallelism").asInt(1),
                spec.path("backoffLimit").asInt(6),
                indexed ? number(spec, "backoffLimitPerIndex") : OptionalInt.empty(),
                number(spec, "maxFailedIndexes"),
                SuccessPolicy.of(job),
                indexed,
                spec.path("suspend").asBoolean(false),
                Json.textAt(spec, "podReplacementPolicy").equals("Failed"),
                Json.textAt(spec, "template", "spec", "restartPolicy").equals("OnFailure"),
                seconds(spec, "activeDeadlineSeconds"),
                seconds(spec, "ttlSecondsAfterFinished"));
    }

    private static OptionalInt number(JsonNode spec, String field) {
        return spec.hasNonNull(field) ? OptionalInt.of(spec.path(field).asInt()) : OptionalInt.empty();
    }

    /** The number of indexes of an Indexed Job. */
    int size() {
        return completions.orElse(0);
    }

    private static Optional<Duration> seconds(JsonNode spec, String field) {
        return spec.hasNonNull(field)
                ? Optional.of(Duration.ofSeconds(spec.path(field).asLong()))
                : Optional.empty();
    }
}
