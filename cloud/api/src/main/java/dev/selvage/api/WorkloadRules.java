package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.Meta;
import dev.selvage.model.RolloutAmount;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules of the kinds that make pods from a template (k8s.io/kubernetes/pkg/apis/apps/validation). */
final class WorkloadRules {
    private final Definitions definitions;
    private final List<Problem> problems;

    WorkloadRules(Definitions definitions, List<Problem> problems) {
        this.definitions = definitions;
        this.problems = problems;
    }

    static boolean covers(Kind kind) {
        return kind.equals(Kinds.DEPLOYMENT) || kind.equals(Kinds.REPLICA_SET) || kind.equals(Kinds.DAEMON_SET);
    }

    void check(Kind kind, ObjectNode object, @Nullable ObjectNode old) {
        JsonNode spec = object.path("spec");
        for (String field : List.of("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")) {
            if (spec.path(field).asLong(0) < 0) {
                problems.add(Problem.invalid("spec." + field, spec.path(field), "must be greater than or equal to 0"));
            }
        }
        if (old != null && !spec.path("selector").equals(old.path("spec").path("selector"))) {
            problems.add(Problem.invalid("spec.selector", spec.path("selector"), "field is immutable"));
        }
        selector(spec);
        new TemplateRules(definitions, problems, "spec.template", List.of("Always"))
                .check(
                        spec.path("template"),
                        old != null
                                && spec.path("template").equals(old.path("spec").path("template")));
        if (Json.at(spec, "template", "spec", "activeDeadlineSeconds").isNumber()) {
            problems.add(Problem.forbidden(
                    "spec.template.spec.activeDeadlineSeconds",
                    "activeDeadlineSeconds in %s is not Supported"
                            .formatted(kind.equals(Kinds.DAEMON_SET) ? "DaemonSet" : "ReplicaSet")));
        }
        if (kind.equals(Kinds.DEPLOYMENT)) {
            deployment(spec);
        } else if (kind.equals(Kinds.DAEMON_SET)) {
            daemonSet(spec);
        }
    }

    private void selector(JsonNode spec) {
        JsonNode selector = spec.path("selector");
        if (selector.path("matchLabels").isEmpty()
                && selector.path("matchExpressions").isEmpty()) {
            problems.add(Problem.invalid("spec.selector", selector, "empty selector is invalid"));
            return;
        }
        try {
            if (!LabelSelector.fromJson(selector).matches(Meta.labels(spec.path("template")))) {
                problems.add(Problem.invalid(
                        "spec.template.metadata.labels",
                        Json.at(spec, "template", "metadata", "labels"),
                        "`selector` does not match template `labels`"));
            }
        } catch (IllegalArgumentException e) {
            problems.add(Problem.invalid("spec.selector", selector, String.valueOf(e.getMessage())));
        }
    }

    private void deployment(JsonNode spec) {
        JsonNode strategy = spec.path("strategy");
        JsonNode rolling = strategy.path("rollingUpdate");
        if (Json.textAt(strategy, "type").equals("Recreate")) {
            if (!rolling.isMissingNode()) {
                problems.add(Problem.forbidden(
                        "spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"));
            }
            return;
        }
        boolean[] zero = amounts("spec.strategy.rollingUpdate.", rolling);
        if (zero[0] && zero[1]) {
            problems.add(Problem.invalid(
                    "spec.strategy.rollingUpdate.maxUnavailable",
                    rolling.path("maxUnavailable"),
                    "may not be 0 when `maxSurge` is 0"));
        }
        long deadline = spec.path("progressDeadlineSeconds").asLong(600);
        if (deadline <= spec.path("minReadySeconds").asLong(0)) {
            problems.add(Problem.invalid(
                    "spec.progressDeadlineSeconds",
                    spec.path("progressDeadlineSeconds"),
                    "must be greater than minReadySeconds"));
        }
    }

    private void daemonSet(JsonNode spec) {
        JsonNode strategy = spec.path("updateStrategy");
        JsonNode rolling = strategy.path("rollingUpdate");
        if (!Json.textAt(strategy, "type").equals("RollingUpdate")) {
            return;
        }
        String place = "spec.updateStrategy.rollingUpdate.";
        boolean[] zero = amounts(place, rolling);
        if (zero[0] && zero[1]) {
            problems.add(Problem.invalid(
                    place + "maxUnavailable", rolling.path("maxUnavailable"), "cannot be 0 when maxSurge is 0"));
        } else if (!zero[0] && !zero[1]) {
            problems.add(Problem.invalid(
                    place + "maxSurge", rolling.path("maxSurge"), "may not be set when maxUnavailable is non-zero"));
        }
    }

    /** Checks {@code maxUnavailable} and {@code maxSurge}; returns which of them is zero. */
    private boolean[] amounts(String root, JsonNode rolling) {
        boolean[] zero = new boolean[2];
        List<String> fields = List.of("maxUnavailable", "maxSurge");
        for (int i = 0; i < fields.size(); i++) {
            JsonNode value = rolling.path(fields.get(i));
            String place = root + fields.get(i);
            try {
                RolloutAmount amount = RolloutAmount.of(value);
                zero[i] = amount.isZero();
                if (i == 0 && amount.percent() && amount.value() > 100) {
                    problems.add(Problem.invalid(place, value, "must not be greater than 100%"));
                }
            } catch (IllegalArgumentException e) {
                problems.add(Problem.invalid(place, value, String.valueOf(e.getMessage())));
            }
        }
        return zero;
    }
}
