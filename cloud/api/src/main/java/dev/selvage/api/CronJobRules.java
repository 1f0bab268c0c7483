package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.CronSchedule;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules of CronJobs (k8s.io/kubernetes/pkg/apis/batch/validation). */
final class CronJobRules {
    /** The Job's name adds eleven characters and becomes a label, which has 63 at most. */
    private static final int LONGEST_NAME = 52;

    private final Definitions definitions;
    private final List<Problem> problems;

    CronJobRules(Definitions definitions, List<Problem> problems) {
        this.definitions = definitions;
        this.problems = problems;
    }

    void check(ObjectNode cronJob, @Nullable ObjectNode old) {
        JsonNode spec = cronJob.path("spec");
        if (old == null && Meta.name(cronJob).length() > LONGEST_NAME) {
            problems.add(Problem.invalid(
                    "metadata.name", Meta.name(cronJob), "must be no more than " + LONGEST_NAME + " characters"));
        }
        schedule(spec);
        for (String field :
                List.of("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")) {
            if (spec.path(field).asLong(0) < 0) {
                problems.add(Problem.invalid("spec." + field, spec.path(field), "must be greater than or equal to 0"));
            }
        }
        JsonNode job = Json.at(spec, "jobTemplate", "spec");
        if (job.path("manualSelector").asBoolean(false)) {
            problems.add(Problem.unsupported(
                    "spec.jobTemplate.spec.manualSelector", job.path("manualSelector"), List.of("nil", "false")));
        }
        if (job.hasNonNull("selector")) {
            problems.add(Problem.invalid(
                    "spec.jobTemplate.spec.selector", job.path("selector"), "`selector` will be auto-generated"));
        }
        boolean stored = old != null && Json.at(spec, "jobTemplate").equals(Json.at(old, "spec", "jobTemplate"));
        new JobRules(definitions, problems).spec(job, "spec.jobTemplate.spec", stored);
    }

    private void schedule(JsonNode spec) {
        String schedule = Json.textAt(spec, "schedule");
        if (schedule.contains("TZ")) {
            problems.add(Problem.invalid(
                    "spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
        } else if (!schedule.isEmpty()) {
            try {
                CronSchedule.parse(schedule, ZoneOffset.UTC);
            } catch (IllegalArgumentException e) {
                problems.add(Problem.invalid("spec.schedule", schedule, String.valueOf(e.getMessage())));
            }
        }
        if (spec.hasNonNull("timeZone")) {
            String zone = Json.textAt(spec, "timeZone");
            if (zone.isEmpty()) {
                problems.add(Problem.invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string"));
            } else if (zone.equalsIgnoreCase("Local")) {
                problems.add(Problem.invalid(
                        "spec.timeZone",
                        zone,
                        "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"));
            } else if (CronSchedule.zone(zone).isEmpty()) {
                problems.add(Problem.invalid("spec.timeZone", zone, "unknown time zone " + zone));
            }
        }
    }
}
