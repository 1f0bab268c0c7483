package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.JobLabels;
import dev.selvage.model.Json;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.Meta;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules of Jobs (k8s.io/kubernetes/pkg/apis/batch/validation). */
final class JobRules {
    private static final int MOST_INDEXES = 100_000;
    private static final String LEAST = "must be greater than or equal to 0";
    private static final List<String> COUNTS =
            List.of("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished");
    private static final List<String> FIXED = List.of("selector", "completionMode", "podFailurePolicy");
    private static final List<String> UNSERVED =
            List.of("backoffLimitPerIndex", "maxFailedIndexes", "successPolicy", "managedBy");

    private final Definitions definitions;
    private final List<Problem> problems;

    JobRules(Definitions definitions, List<Problem> problems) {
        this.definitions = definitions;
        this.problems = problems;
    }

    void check(ObjectNode job, @Nullable ObjectNode old) {
        JsonNode spec = job.path("spec");
        boolean stored = old != null && template(spec).equals(template(old.path("spec")));
        spec(spec, "spec", stored);
        if (old == null) {
            selector(job, spec);
        } else {
            update(
                    spec,
                    old.path("spec"),
                    Json.textAt(old, "status", "startTime").isEmpty());
        }
    }

    private static JsonNode template(JsonNode spec) {
        return spec.path("template");
    }

    /** @param root path of the JobSpec in its object */
    void spec(JsonNode spec, String root, boolean stored) {
        for (String field : COUNTS) {
            if (spec.path(field).asLong(0) < 0) {
                problems.add(Problem.invalid(root + "." + field, spec.path(field), LEAST));
            }
        }
        for (String field : UNSERVED) {
            if (spec.hasNonNull(field)) {
                problems.add(Problem.forbidden(root + "." + field, "this field is not honoured here; leave it out"));
            }
        }
        indexed(spec, root);
        failurePolicy(spec, root);
        new TemplateRules(definitions, problems, root + ".template", List.of("OnFailure", "Never"))
                .check(template(spec), stored);
    }

    private void indexed(JsonNode spec, String root) {
        if (!Json.textAt(spec, "completionMode").equals("Indexed")) {
            return;
        }
        if (!spec.hasNonNull("completions")) {
            problems.add(Problem.required(root + ".completions", "when completion mode is Indexed"));
        }
        if (spec.path("parallelism").asLong(0) > MOST_INDEXES) {
            problems.add(Problem.invalid(
                    root + ".parallelism",
                    spec.path("parallelism"),
                    "must be less than or equal to " + MOST_INDEXES + " when completion mode is Indexed"));
        }
    }

    private void failurePolicy(JsonNode spec, String root) {
        JsonNode policy = spec.path("podFailurePolicy");
        if (!policy.isObject()) {
            return;
        }
        if (!Json.textAt(spec, "template", "spec", "restartPolicy").equals("Never")) {
            problems.add(Problem.invalid(
                    root + ".template.spec.restartPolicy",
                    Json.at(spec, "template", "spec", "restartPolicy"),
                    "only \"Never\" is supported when podFailurePolicy is specified"));
        }
        if (Json.textAt(spec, "podReplacementPolicy").equals("TerminatingOrFailed")) {
            problems.add(Problem.unsupported(
                    root + ".podReplacementPolicy", spec.path("podReplacementPolicy"), List.of("Failed")));
        }
        JsonNode rules = policy.path("rules");
        if (rules.size() > 20) {
            problems.add(Problem.tooLong(root + ".podFailurePolicy.rules", "must have at most 20 items"));
        }
        for (int i = 0; i < rules.size(); i++) {
            rule(rules.get(i), root + ".podFailurePolicy.rules[" + i + "]");
        }
    }

    private void rule(JsonNode rule, String place) {
        boolean codes = rule.path("onExitCodes").isObject();
        boolean conditions = !rule.path("onPodConditions").isEmpty();
        if (codes == conditions) {
            problems.add(Problem.invalid(
                    place,
                    rule,
                    codes
                            ? "specifying both OnExitCodes and OnPodConditions is not supported"
                            : "specifying one of OnExitCodes and OnPodConditions is required"));
        }
        if (Json.textAt(rule, "action").equals("FailIndex")) {
            problems.add(Problem.invalid(
                    place + ".action", rule.path("action"), "requires the backoffLimitPerIndex, which is not served"));
        }
        if (!codes) {
            return;
        }
        JsonNode values = Json.at(rule, "onExitCodes", "values");
        if (values.isEmpty()) {
            problems.add(Problem.invalid(place + ".onExitCodes.values", values, "at least one value is required"));
        }
        for (JsonNode value : values) {
            if (value.asInt() == 0
                    && Json.textAt(rule, "onExitCodes", "operator").equals("In")) {
                problems.add(
                        Problem.invalid(place + ".onExitCodes.values", value, "must not be 0 for the In operator"));
            }
        }
    }

    private void selector(ObjectNode job, JsonNode spec) {
        if (Meta.name(job).isEmpty()) {
            return; // generated once it has a name
        }
        JsonNode selector = spec.path("selector");
        Map<String, String> labels = Meta.labels(template(spec));
        if (!spec.path("manualSelector").asBoolean(false)) {
            ObjectNode expected = JobLabels.expected(job);
            expected.properties().forEach(label -> {
                if (!label.getValue().asText().equals(labels.get(label.getKey()))) {
                    problems.add(Problem.invalid(
                            "spec.template.metadata.labels",
                            Json.at(spec, "template", "metadata", "labels"),
                            "must be '" + label.getValue().asText() + "'"));
                }
            });
            if (!matches(selector, Meta.strings(expected))) {
                problems.add(Problem.invalid("spec.selector", selector, "`selector` not auto-generated"));
            }
        } else if (!selector.isObject()) {
            problems.add(Problem.required("spec.selector", ""));
        }
        if (selector.isObject() && !matches(selector, labels)) {
            problems.add(Problem.invalid(
                    "spec.template.metadata.labels",
                    Json.at(spec, "template", "metadata", "labels"),
                    "`selector` does not match template `labels`"));
        }
    }

    private boolean matches(JsonNode selector, Map<String, String> labels) {
        try {
            return LabelSelector.fromJson(selector).matches(labels);
        } catch (IllegalArgumentException e) {
            problems.add(Problem.invalid("spec.selector", selector, String.valueOf(e.getMessage())));
            return true;
        }
    }

    private void update(JsonNode spec, JsonNode old, boolean unstarted) {
        for (String field : FIXED) {
            fixed(spec, old, field);
        }
        boolean elastic = Json.textAt(spec, "completionMode").equals("Indexed")
                && spec.path("completions").equals(spec.path("parallelism"));
        if (!elastic) {
            fixed(spec, old, "completions");
        }
        boolean directives = old.path("suspend").asBoolean(false) && unstarted;
        if (!shape(template(spec), directives).equals(shape(template(old), directives))) {
            problems.add(Problem.invalid("spec.template", template(spec), "field is immutable"));
        }
    }

    private void fixed(JsonNode spec, JsonNode old, String field) {
        if (!spec.path(field).equals(old.path(field))) {
            problems.add(Problem.invalid("spec." + field, spec.path(field), "field is immutable"));
        }
    }

    /** What of the template may not change; where it will be scheduled may, as long as a suspended Job has not started. */
    private static JsonNode shape(JsonNode template, boolean directives) {
        JsonNode shape = template.deepCopy();
        if (directives) {
            if (shape.path("spec") instanceof ObjectNode pod) {
                pod.remove(List.of("nodeSelector", "affinity", "tolerations", "schedulingGates"));
            }
            if (shape.path("metadata") instanceof ObjectNode meta) {
                meta.remove(List.of("labels", "annotations"));
            }
        }
        return shape;
    }
}
