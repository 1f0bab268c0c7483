package dev.selvage.api;

import static dev.selvage.api.PrintedColumns.age;
import static dev.selvage.api.PrintedColumns.number;
import static dev.selvage.api.PrintedColumns.status;
import static dev.selvage.api.PrintedColumns.text;
import static dev.selvage.api.PrintedColumns.withTemplate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.OwnerReference;
import dev.selvage.model.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Columns of DaemonSets, Jobs and CronJobs after NAME (k8s.io/kubernetes/pkg/printers/internalversion, 1.31). */
final class BatchColumns {
    private static final List<String> JOB_STATES = List.of("Complete", "Failed");
    private static final List<String> JOB_TENDENCIES = List.of("Suspended", "FailureTarget", "SuccessCriteriaMet");

    private BatchColumns() {}

    static List<Tables.Cell> daemonSet() {
        return withTemplate(
                number("Desired", o -> status(o, "desiredNumberScheduled")),
                number("Current", o -> status(o, "currentNumberScheduled")),
                number("Ready", o -> status(o, "numberReady")),
                number("Up-to-date", o -> status(o, "updatedNumberScheduled")),
                number("Available", o -> status(o, "numberAvailable")),
                text("Node Selector", 0, BatchColumns::nodeSelector));
    }

    private static String nodeSelector(ObjectNode daemonSet) {
        Map<String, String> labels =
                new TreeMap<>(Meta.strings(Json.at(daemonSet, "spec", "template", "spec", "nodeSelector")));
        return labels.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(","));
    }

    static List<Tables.Cell> controllerRevision() {
        return List.of(
                text("Controller", 0, BatchColumns::owner),
                number("Revision", o -> o.path("revision").asInt(0)),
                age());
    }

    /** {@code daemonset.apps/collector} */
    private static String owner(ObjectNode object) {
        return Meta.ownerReferences(object).stream()
                .filter(OwnerReference::controller)
                .findFirst()
                .map(o -> {
                    int slash = o.apiVersion().indexOf('/');
                    String group = slash < 0 ? "" : "." + o.apiVersion().substring(0, slash);
                    return (o.kind() + group).toLowerCase(Locale.ROOT) + "/" + o.name();
                })
                .orElse("");
    }

    static List<Tables.Cell> job() {
        return withTemplate(
                text("Status", 0, BatchColumns::jobState),
                text("Completions", 0, BatchColumns::completions),
                text("Duration", 0, BatchColumns::duration));
    }

    private static String jobState(ObjectNode job) {
        return JOB_STATES.stream()
                .filter(state -> is(job, state))
                .findFirst()
                .or(() -> Meta.deleting(job) ? Optional.of("Terminating") : Optional.empty())
                .or(() ->
                        JOB_TENDENCIES.stream().filter(state -> is(job, state)).findFirst())
                .orElse("Running");
    }

    private static boolean is(ObjectNode job, String condition) {
        return Conditions.status(job, condition).equals("True");
    }

    private static String completions(ObjectNode job) {
        int succeeded = status(job, "succeeded");
        JsonNode wanted = Json.at(job, "spec", "completions");
        int parallelism = Json.at(job, "spec", "parallelism").asInt(0);
        if (!wanted.isMissingNode()) {
            return succeeded + "/" + wanted.asInt();
        }
        return succeeded + "/1" + (parallelism > 1 ? " of " + parallelism : "");
    }

    private static String duration(ObjectNode job) {
        Optional<Instant> start = Timestamps.parse(Json.textAt(job, "status", "startTime"));
        Optional<Instant> end = Timestamps.parse(Json.textAt(job, "status", "completionTime"));
        return start.map(s -> Ages.human(Duration.between(s, end.orElseGet(Instant::now))))
                .orElse("");
    }

    static List<Tables.Cell> cronJob() {
        return withTemplate(
                o -> Json.at(o, "spec", "jobTemplate"),
                text("Schedule", 0, o -> Json.textAt(o, "spec", "schedule")),
                text("Timezone", 0, o -> Json.textAt(o, "spec", "timeZone")),
                text("Suspend", 0, o -> Json.at(o, "spec", "suspend").asBoolean(false) ? "True" : "False"),
                number("Active", o -> o.path("status").path("active").size()),
                text("Last Schedule", 0, BatchColumns::lastSchedule));
    }

    private static String lastSchedule(ObjectNode cronJob) {
        String at = Json.textAt(cronJob, "status", "lastScheduleTime");
        return at.isEmpty() ? "" : Ages.since(at);
    }
}
