package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules of a Job's podFailurePolicy (k8s.io/kubernetes/pkg/apis/batch/validation). */
final class FailurePolicyRules {
    private static final int MOST_RULES = 20;
    private static final int MOST_CODES = 255;
    private static final int MOST_CONDITIONS = 20;

    private final List<Problem> problems;
    private final String root;

    /** @param root path of the JobSpec in its object */
    FailurePolicyRules(List<Problem> problems, String root) {
        this.problems = problems;
        this.root = root;
    }

    void check(JsonNode spec) {
        JsonNode policy = spec.path("podFailurePolicy");
        if (!policy.isObject()) {
            return;
        }
        JsonNode restart = Json.at(spec, "template", "spec", "restartPolicy");
        if (!restart.asText().equals("Never")) {
            problems.add(Problem.invalid(
                    root + ".template.spec.restartPolicy",
                    restart,
                    "only \"Never\" is supported when podFailurePolicy is specified"));
        }
        if (Json.textAt(spec, "podReplacementPolicy").equals("TerminatingOrFailed")) {
            problems.add(Problem.unsupported(
                    root + ".podReplacementPolicy", spec.path("podReplacementPolicy"), List.of("Failed")));
        }
        JsonNode rules = policy.path("rules");
        String place = root + ".podFailurePolicy.rules";
        if (rules.size() > MOST_RULES) {
            problems.add(Problem.tooMany(place, rules.size(), MOST_RULES));
        }
        for (int i = 0; i < rules.size(); i++) {
            rule(spec, rules.get(i), place + "[" + i + "]");
        }
    }

    private void rule(JsonNode spec, JsonNode rule, String place) {
        if (Json.textAt(rule, "action").equals("FailIndex") && !spec.hasNonNull("backoffLimitPerIndex")) {
            problems.add(Problem.invalid(
                    place + ".action", rule.path("action"), "requires the backoffLimitPerIndex to be set"));
        }
        boolean codes = rule.path("onExitCodes").isObject();
        JsonNode conditions = rule.path("onPodConditions");
        if (codes) {
            exitCodes(spec, rule.path("onExitCodes"), place + ".onExitCodes");
        }
        if (conditions.size() > MOST_CONDITIONS) {
            problems.add(Problem.tooMany(place + ".onPodConditions", conditions.size(), MOST_CONDITIONS));
        }
        for (int i = 0; i < conditions.size(); i++) {
            String type = place + ".onPodConditions[" + i + "].type";
            JsonNode found = conditions.get(i).path("type");
            Names.qualified(found.asText()).ifPresent(text -> problems.add(Problem.invalid(type, found, text)));
        }
        if (codes == !conditions.isEmpty()) {
            problems.add(Problem.invalid(
                    place,
                    codes
                            ? "specifying both OnExitCodes and OnPodConditions is not supported"
                            : "specifying one of OnExitCodes and OnPodConditions is required"));
        }
    }

    private void exitCodes(JsonNode spec, JsonNode rule, String place) {
        if (rule.hasNonNull("containerName") && !containers(spec).contains(Json.textAt(rule, "containerName"))) {
            problems.add(Problem.invalid(
                    place + ".containerName",
                    rule.path("containerName"),
                    "must be one of the container or initContainer names in the pod template"));
        }
        JsonNode values = rule.path("values");
        if (values.isEmpty()) {
            problems.add(Problem.invalid(place + ".values", values, "at least one value is required"));
        } else if (values.size() > MOST_CODES) {
            problems.add(Problem.tooMany(place + ".values", values.size(), MOST_CODES));
        }
        boolean in = Json.textAt(rule, "operator").equals("In");
        boolean ordered = true;
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < values.size(); i++) {
            String path = place + ".values[" + i + "]";
            JsonNode value = values.get(i);
            if (in && value.asInt() == 0) {
                problems.add(Problem.invalid(path, value, "must not be 0 for the In operator"));
            }
            if (!seen.add(value.asInt())) {
                problems.add(Problem.duplicate(path, value));
            }
            ordered &= i == 0 || values.get(i - 1).asInt() <= value.asInt();
        }
        if (!ordered) {
            problems.add(Problem.invalid(place + ".values", values, "must be ordered"));
        }
    }

    private static Set<String> containers(JsonNode spec) {
        Set<String> names = new HashSet<>();
        for (String list : List.of("containers", "initContainers")) {
            for (JsonNode container : Json.at(spec, "template", "spec", list)) {
                names.add(Json.textAt(container, "name"));
            }
        }
        return names;
    }
}
