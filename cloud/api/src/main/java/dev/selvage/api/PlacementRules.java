package dev.selvage.api;

import static dev.selvage.api.SelectorRules.each;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rules of what a pod says about where it runs: affinity, topologySpreadConstraints, tolerations, priorityClassName
 * (k8s.io/kubernetes/pkg/apis/core/validation).
 */
final class PlacementRules {
    /** Keys and values in all; upstream has no limit, and every decision about a pod costs as much as it says. */
    static final int MOST_WORDS = 1_024;

    private static final List<String> UNSATISFIABLE = List.of("DoNotSchedule", "ScheduleAnyway");
    private static final List<String> POLICIES = List.of("Honor", "Ignore");
    private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
    private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

    private final List<Problem> problems;
    private final SelectorRules selectors;
    private final String root;

    PlacementRules(List<Problem> problems, String root) {
        this.problems = problems;
        this.selectors = new SelectorRules(problems);
        this.root = root;
    }

    void check(ObjectNode spec) {
        int words = words(spec.path("affinity")) + words(spec.path("topologySpreadConstraints"));
        if (words > MOST_WORDS) {
            problems.add(new Problem(
                    "FieldValueTooMany",
                    root + ".affinity",
                    "Too many: " + words + ": affinity and topologySpreadConstraints must have at most " + MOST_WORDS
                            + " keys and values together"));
            return;
        }
        nodeAffinity(spec.path("affinity").path("nodeAffinity"), root + ".affinity.nodeAffinity");
        for (String kind : List.of("podAffinity", "podAntiAffinity")) {
            podAffinity(spec.path("affinity").path(kind), root + ".affinity." + kind);
        }
        Set<String> pairs = new HashSet<>();
        each(
                spec.path("topologySpreadConstraints"),
                root + ".topologySpreadConstraints",
                (constraint, place) -> spread(constraint, place, pairs));
        each(spec.path("tolerations"), root + ".tolerations", this::toleration);
        String priority = Json.textAt(spec, "priorityClassName");
        if (!priority.isEmpty()) {
            Names.subdomain(priority)
                    .ifPresent(text -> problems.add(Problem.invalid(root + ".priorityClassName", priority, text)));
        }
    }

    private static int words(JsonNode node) {
        int count = node.isValueNode() ? 1 : 0;
        for (JsonNode child : node) {
            count += words(child);
        }
        return count;
    }

    private void nodeAffinity(JsonNode affinity, String path) {
        JsonNode required = affinity.path(REQUIRED);
        String terms = path + "." + REQUIRED + ".nodeSelectorTerms";
        if (required.isObject() && required.path("nodeSelectorTerms").isEmpty()) {
            problems.add(Problem.required(terms, "must have at least one node selector term"));
        }
        each(required.path("nodeSelectorTerms"), terms, selectors::nodeSelectorTerm);
        each(affinity.path(PREFERRED), path + "." + PREFERRED, (term, place) -> {
            weight(term, place);
            selectors.nodeSelectorTerm(term.path("preference"), place + ".preference");
        });
    }

    private void podAffinity(JsonNode affinity, String path) {
        each(affinity.path(REQUIRED), path + "." + REQUIRED, this::podTerm);
        each(affinity.path(PREFERRED), path + "." + PREFERRED, (term, place) -> {
            weight(term, place);
            podTerm(term.path("podAffinityTerm"), place + ".podAffinityTerm");
        });
    }

    private void weight(JsonNode term, String path) {
        int weight = term.path("weight").asInt(0);
        if (weight < 1 || weight > 100) {
            problems.add(Problem.invalid(path + ".weight", term.path("weight"), "must be in the range 1-100"));
        }
    }

    private void podTerm(JsonNode term, String path) {
        selectors.labelSelector(term.path("labelSelector"), path + ".labelSelector");
        selectors.labelSelector(term.path("namespaceSelector"), path + ".namespaceSelector");
        each(
                term.path("namespaces"),
                path + ".namespaces",
                (name, place) ->
                        Names.label(name.asText()).ifPresent(text -> problems.add(Problem.invalid(place, name, text))));
        topologyKey(term, path);
        labelKeys(term, "matchLabelKeys", path);
        labelKeys(term, "mismatchLabelKeys", path);
        Set<String> match = new HashSet<>();
        term.path("matchLabelKeys").forEach(key -> match.add(key.asText()));
        each(term.path("mismatchLabelKeys"), path + ".mismatchLabelKeys", (key, place) -> {
            if (match.contains(key.asText())) {
                problems.add(Problem.invalid(place, key, "exists in both matchLabelKeys and mismatchLabelKeys"));
            }
        });
    }

    private void topologyKey(JsonNode rule, String path) {
        String key = Json.textAt(rule, "topologyKey");
        if (key.isEmpty()) {
            problems.add(Problem.required(path + ".topologyKey", "can not be empty"));
        } else {
            selectors.labelKey(key, path + ".topologyKey");
        }
    }

    private void labelKeys(JsonNode rule, String field, String path) {
        JsonNode keys = rule.path(field);
        if (!keys.isEmpty() && !rule.path("labelSelector").isObject()) {
            problems.add(Problem.forbidden(path + "." + field, "must not be specified when labelSelector is not set"));
        }
        each(keys, path + "." + field, (key, place) -> selectors.labelKey(key.asText(), place));
    }

    private void spread(JsonNode constraint, String path, Set<String> pairs) {
        positive(constraint, "maxSkew", path, true);
        positive(constraint, "minDomains", path, false);
        topologyKey(constraint, path);
        String unsatisfiable = Json.textAt(constraint, "whenUnsatisfiable");
        if (!UNSATISFIABLE.contains(unsatisfiable)) {
            problems.add(Problem.unsupported(
                    path + ".whenUnsatisfiable", constraint.path("whenUnsatisfiable"), UNSATISFIABLE));
        } else if (constraint.hasNonNull("minDomains") && !unsatisfiable.equals("DoNotSchedule")) {
            problems.add(Problem.invalid(
                    path + ".minDomains",
                    constraint.path("minDomains"),
                    "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " + unsatisfiable));
        }
        String pair = "{" + Json.textAt(constraint, "topologyKey") + ", " + unsatisfiable + "}";
        if (!pairs.add(pair)) {
            problems.add(Problem.duplicate(path + ".{topologyKey, whenUnsatisfiable}", pair));
        }
        for (String field : List.of("nodeAffinityPolicy", "nodeTaintsPolicy")) {
            if (constraint.hasNonNull(field) && !POLICIES.contains(Json.textAt(constraint, field))) {
                problems.add(Problem.unsupported(path + "." + field, constraint.path(field), POLICIES));
            }
        }
        labelKeys(constraint, "matchLabelKeys", path);
        selectors.labelSelector(constraint.path("labelSelector"), path + ".labelSelector");
    }

    private void positive(JsonNode rule, String field, String path, boolean needed) {
        if ((needed || rule.hasNonNull(field)) && rule.path(field).asInt(0) <= 0) {
            problems.add(Problem.invalid(path + "." + field, rule.path(field), "must be greater than zero"));
        }
    }

    private void toleration(JsonNode toleration, String path) {
        String key = Json.textAt(toleration, "key");
        String operator = Json.textAt(toleration, "operator");
        String value = Json.textAt(toleration, "value");
        String effect = Json.textAt(toleration, "effect");
        if (!key.isEmpty()) {
            selectors.labelKey(key, path + ".key");
        } else if (!operator.equals("Exists")) {
            problems.add(Problem.invalid(
                    path + ".operator",
                    operator,
                    "operator must be Exists when `key` is empty, which means \"match all values and all keys\""));
        }
        if (toleration.hasNonNull("tolerationSeconds") && !effect.equals("NoExecute")) {
            problems.add(Problem.invalid(
                    path + ".effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
        }
        if (!operator.equals("Exists")) {
            selectors.labelValue(value, path + ".value");
        } else if (!value.isEmpty()) {
            problems.add(Problem.invalid(path + ".operator", value, "value must be empty when `operator` is 'Exists'"));
        }
        List<String> effects = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");
        if (!effect.isEmpty() && !effects.contains(effect)) {
            problems.add(Problem.unsupported(path + ".effect", toleration.path("effect"), effects));
        }
    }
}
