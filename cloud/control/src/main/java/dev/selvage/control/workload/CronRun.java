package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.CronRuns;
import dev.selvage.model.JobConditions;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import dev.selvage.model.Timestamps;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a CronJob needs of one of its Jobs.
 *
 * @param end Complete or Failed; "" while it runs
 * @param slot the minute that it was made for, read off its name; empty for a Job that somebody made by hand
 */
record CronRun(
        ObjectKey key,
        String uid,
        Optional<OwnerReference> controller,
        Map<String, String> labels,
        boolean deleting,
        String end,
        Optional<Instant> completed,
        Instant started,
        Optional<Instant> slot)
        implements Owned {

    private static final String MANUAL = "cronjob.kubernetes.io/instantiate";

    static CronRun of(ObjectNode job) {
        Optional<OwnerReference> owner = Owned.controllerOf(job);
        return new CronRun(
                ObjectKey.of(job),
                Meta.uid(job),
                owner,
                Meta.labels(job),
                Meta.deleting(job),
                end(job),
                Timestamps.parse(Json.textAt(job, "status", "completionTime")),
                Timestamps.parse(Json.textAt(job, "status", "startTime"))
                        .or(() -> Timestamps.parse(Meta.creationTimestamp(job)))
                        .orElse(Instant.EPOCH),
                Meta.annotations(job).containsKey(MANUAL)
                        ? Optional.empty()
                        : owner.flatMap(o -> CronRuns.slot(o.name(), Meta.name(job))));
    }

    private static String end(ObjectNode job) {
        for (String type : new String[] {JobConditions.COMPLETE, JobConditions.FAILED}) {
            Optional<JsonNode> condition = Conditions.find(job, type)
                    .filter(c -> Json.textAt(c, "status").equals("True"));
            if (condition.isPresent()) {
                return type;
            }
        }
        return "";
    }

    boolean finished() {
        return !end.isEmpty();
    }

    boolean complete() {
        return end.equals(JobConditions.COMPLETE);
    }
}
