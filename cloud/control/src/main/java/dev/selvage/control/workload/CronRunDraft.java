package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.JobDefaults;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** The Job of one time of a schedule (k8s.io/kubernetes/pkg/controller/cronjob, getJobFromTemplate2). */
final class CronRunDraft {
    private static final String TIMESTAMP = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    private CronRunDraft() {}

    static ObjectNode of(ObjectNode cronJob, Instant slot, ZoneId zone) {
        JsonNode template = Json.at(cronJob, "spec", "jobTemplate");
        ObjectNode job = Json.object().put("apiVersion", Kinds.JOB.apiVersion()).put("kind", Kinds.JOB.kind());
        ObjectNode meta = Meta.of(job);
        meta.put("namespace", Meta.namespace(cronJob)).put("name", CronRun.name(Meta.name(cronJob), slot));
        ObjectNode labels = Json.object();
        Meta.labels(template).forEach(labels::put);
        if (!labels.isEmpty()) {
            meta.set("labels", labels);
        }
        ObjectNode annotations = meta.putObject("annotations");
        Meta.annotations(template).forEach(annotations::put);
        annotations.put(TIMESTAMP, DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(slot.atZone(zone)));
        PodTemplate.own(job, cronJob);
        job.set("spec", template.path("spec").deepCopy());
        JobDefaults.apply(job);
        return job;
    }
}
