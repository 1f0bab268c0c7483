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
    static final String LEAST = "must be greater than or equal to 0";
    private static final List<String> COUNTS = List.of(
            "parallelism",
            "completions",
            "activeDeadlineSeconds",
            "backoffLimit",
            "ttlSecondsAfterFinished",
            "backoffLimitPerIndex",
            "maxFailedIndexes");
    private static final List<String> FIXED =
            List.of("selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "successPolicy");

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
        hostname(job, spec);
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
        if (spec.hasNonNull("managedBy")) {
            problems.add(Problem.unserved(root + ".managedBy"));
        }
        new IndexRules(problems, root).check(spec);
        new FailurePolicyRules(problems, root).check(spec);
        new TemplateRules(definitions, problems, root + ".template", List.of("OnFailure", "Never"))
                .check(template(spec), stored);
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

    /** The name with an index becomes a pod's host name. */
    private void hostname(ObjectNode job, JsonNode spec) {
        long size = spec.path("completions").asLong(0);
        if (IndexRules.indexed(spec) && size > 0 && !Meta.name(job).isEmpty()) {
            String longest = Meta.name(job) + "-" + (size - 1);
            if (Names.label(longest).isPresent()) {
                problems.add(Problem.invalid(
                        "metadata.name",
                        Meta.name(job),
                        "will not able to create pod with invalid DNS label: " + longest));
            }
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
        completions(spec, old);
        boolean directives = old.path("suspend").asBoolean(false) && unstarted;
        if (!shape(template(spec), directives).equals(shape(template(old), directives))) {
            problems.add(Problem.invalid("spec.template", template(spec), "field is immutable"));
        }
    }

    /** An Indexed Job is elastic: it may have more or fewer indexes, all of which may run at a time. */
    private void completions(JsonNode spec, JsonNode old) {
        JsonNode completions = spec.path("completions");
        if (!IndexRules.indexed(spec)) {
            fixed(spec, old, "completions");
        } else if (spec.hasNonNull("completions")
                && !completions.equals(old.path("completions"))
                && !completions.equals(spec.path("parallelism"))) {
            problems.add(Problem.invalid(
                    "spec.completions", completions, "can only be modified in tandem with spec.parallelism"));
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
