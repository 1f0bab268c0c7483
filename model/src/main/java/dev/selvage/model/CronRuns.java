package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The Jobs of a CronJob, one per minute that its schedule names (k8s.io/kubernetes/pkg/controller/cronjob, getJobFromTemplate2). Those that a node makes have names
 * and uids that follow from the CronJob's uid and the minute, their pods' from the Job's uid and the attempt: the centre learns of the very objects that the node
 * has, however often it is told.
 */
public final class CronRuns {
    /** Annotation of a Job that a node made: its name. */
    public static final String NODE = "selvage.dev/run-by";
    /** Annotation of a Job that a node began while it had no link. */
    public static final String OFFLINE = "selvage.dev/offline";
    /** Annotation of a Job that a node made: the generation of the CronJob whose template it ran. */
    public static final String GENERATION = "selvage.dev/cronjob-generation";
    /** Field of a CronJob's status: the node that keeps its schedule. */
    public static final String KEEPER = "nodeName";
    /** Field of a Node's status: what it can do, by name. */
    public static final String FEATURES = "features";
    /** Among {@link #FEATURES}: it keeps schedules of CronJobs that are bound to it. */
    public static final String FEATURE = "boundCronJobs";

    /** Failed pods of one run beyond which a node keeps no schedule. */
    public static final int MOST_RETRIES = 50;

    private static final String TIMESTAMP = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    private CronRuns() {}

    /** The node that the template names; empty where it names none, or asks for more than one pod at a time. */
    public static Optional<String> boundTo(ObjectNode cronJob) {
        JsonNode job = Json.at(cronJob, "spec", "jobTemplate", "spec");
        String node = Json.textAt(job, "template", "spec", "nodeName");
        boolean single = one(job, "completions")
                && one(job, "parallelism")
                && !Json.textAt(job, "completionMode").equals("Indexed")
                && !job.path("podFailurePolicy").isObject()
                && !job.path("suspend").asBoolean(false)
                && job.path("backoffLimit").asInt(0) <= MOST_RETRIES;
        return node.isEmpty() || !single ? Optional.empty() : Optional.of(node);
    }

    private static boolean one(JsonNode job, String field) {
        return !job.hasNonNull(field) || job.path(field).asInt() == 1;
    }

    /** The node that the centre has told to keep the schedule, if the CronJob is still bound to it; "" for none. */
    public static String keeper(ObjectNode cronJob) {
        String keeper = Json.textAt(cronJob, "status", KEEPER);
        return boundTo(cronJob).filter(keeper::equals).orElse("");
    }

    /** The node that made this Job of a CronJob; "" for one that the centre made, or somebody. */
    public static String maker(ObjectNode job) {
        String node = Meta.annotations(job).getOrDefault(NODE, "");
        return node.isEmpty()
                ? ""
                : Meta.ownerReferences(job).stream()
                        .filter(OwnerReference::controller)
                        .filter(owner -> slot(owner.name(), Meta.name(job))
                                .filter(slot -> uid(owner.uid(), slot).equals(Meta.uid(job)))
                                .isPresent())
                        .findFirst()
                        .map(owner -> node)
                        .orElse("");
    }

    /** Upstream names a Job after the minute that it is for, so that none is ever made twice. */
    public static String name(String cronJob, Instant slot) {
        return cronJob + "-" + minute(slot);
    }

    public static long minute(Instant slot) {
        return Math.floorDiv(slot.getEpochSecond(), 60L);
    }

    public static Instant slot(long minute) {
        return Instant.ofEpochSecond(minute * 60);
    }

    /** The minute that a Job's name says; empty for a name that is not of that CronJob's schedule. */
    public static Optional<Instant> slot(String cronJob, String job) {
        String minutes = job.startsWith(cronJob + "-") ? job.substring(cronJob.length() + 1) : "";
        return minutes.matches("\\d{1,10}") ? Optional.of(slot(Long.parseLong(minutes))) : Optional.empty();
    }

    /** Of the Job that a node makes. */
    public static String uid(String cronJobUid, Instant slot) {
        return named("selvage-cron/" + cronJobUid + "/" + minute(slot));
    }

    /** Of the Job's pod number {@code attempt}, from 0. */
    public static String podUid(String jobUid, int attempt) {
        return named("selvage-cron-pod/" + jobUid + "/" + attempt);
    }

    private static String named(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** The Job of one time of the schedule. */
    public static ObjectNode job(ObjectNode cronJob, Instant slot, ZoneId zone) {
        return job(cronJob, slot, zone, "", Map.of());
    }

    /** The Job that a node makes. */
    public static ObjectNode job(ObjectNode cronJob, Instant slot, String node) {
        ZoneId zone = CronSchedule.zone(Json.textAt(cronJob, "spec", "timeZone"))
                .orElseThrow(() -> new IllegalArgumentException("unknown time zone of CronJob " + Meta.name(cronJob)));
        return job(cronJob, slot, zone, uid(Meta.uid(cronJob), slot), Map.of(NODE, node));
    }

    private static ObjectNode job(ObjectNode cronJob, Instant slot, ZoneId zone, String uid, Map<String, String> more) {
        JsonNode template = Json.at(cronJob, "spec", "jobTemplate");
        ObjectNode job = Json.object().put("apiVersion", Kinds.JOB.apiVersion()).put("kind", Kinds.JOB.kind());
        ObjectNode meta = Meta.of(job);
        meta.put("namespace", Meta.namespace(cronJob)).put("name", name(Meta.name(cronJob), slot));
        if (!uid.isEmpty()) {
            meta.put("uid", uid);
        }
        ObjectNode labels = Json.object();
        Meta.labels(template).forEach(labels::put);
        if (!labels.isEmpty()) {
            meta.set("labels", labels);
        }
        ObjectNode annotations = meta.putObject("annotations");
        Meta.annotations(template).forEach(annotations::put);
        annotations.put(TIMESTAMP, DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(slot.atZone(zone)));
        more.forEach(annotations::put);
        PodDraft.own(job, cronJob);
        job.set("spec", template.path("spec").deepCopy());
        JobDefaults.apply(job);
        return job;
    }

    /** The template as a pod, for what it names. */
    public static Pod podOf(ObjectNode cronJob) {
        ObjectNode pod = Json.object();
        Meta.of(pod).put("namespace", Meta.namespace(cronJob));
        pod.set("spec", Json.at(cronJob, "spec", "jobTemplate", "spec", "template", "spec"));
        return new Pod(pod);
    }

    /** Pod number {@code attempt} of a Job that a node made. */
    public static ObjectNode pod(ObjectNode job, int attempt) {
        ObjectNode pod = PodDraft.of(job);
        ObjectNode meta = Meta.of(pod);
        String uid = podUid(Meta.uid(job), attempt);
        meta.put("uid", uid);
        meta.put("name", Json.textAt(meta, "generateName") + uid.substring(0, 5));
        meta.remove("generateName");
        return pod;
    }
}
