package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.util.List;

/** Rules of selectors over labels, of pods and of nodes (k8s.io/apimachinery meta/v1 and apis/core validation). */
final class SelectorRules {
    private final List<Problem> problems;

    SelectorRules(List<Problem> problems) {
        this.problems = problems;
    }

    /** A meta/v1 LabelSelector; nothing to say of one that is absent. */
    void labelSelector(JsonNode selector, String path) {
        Meta.strings(selector.path("matchLabels")).forEach((key, value) -> {
            labelKey(key, path + ".matchLabels");
            labelValue(value, path + ".matchLabels[" + key + "]");
        });
        each(selector.path("matchExpressions"), path + ".matchExpressions", (expression, place) -> {
            labelKey(Json.textAt(expression, "key"), place + ".key");
            switch (Json.textAt(expression, "operator")) {
                case "In", "NotIn" -> some(expression, place);
                case "Exists", "DoesNotExist" -> none(expression, place);
                default -> operator(expression, place);
            }
            each(expression.path("values"), place + ".values", (value, at) -> labelValue(value.asText(), at));
        });
    }

    /** A core/v1 NodeSelectorTerm. */
    void nodeSelectorTerm(JsonNode term, String path) {
        each(term.path("matchExpressions"), path + ".matchExpressions", (expression, place) -> {
            labelKey(Json.textAt(expression, "key"), place + ".key");
            switch (Json.textAt(expression, "operator")) {
                case "In", "NotIn" -> some(expression, place);
                case "Exists", "DoesNotExist" -> none(expression, place);
                case "Gt", "Lt" -> {
                    if (expression.path("values").size() != 1) {
                        problems.add(Problem.required(
                                place + ".values", "must be specified single value when `operator` is 'Lt' or 'Gt'"));
                    }
                }
                default -> operator(expression, place);
            }
        });
        each(term.path("matchFields"), path + ".matchFields", (expression, place) -> {
            String operator = Json.textAt(expression, "operator");
            if (!operator.equals("In") && !operator.equals("NotIn")) {
                operator(expression, place);
            } else if (expression.path("values").size() != 1) {
                problems.add(Problem.required(
                        place + ".values",
                        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
            }
            if (!Json.textAt(expression, "key").equals("metadata.name")) {
                problems.add(Problem.invalid(
                        place + ".key", Json.textAt(expression, "key"), "not a valid field selector key"));
            }
        });
    }

    void labelKey(String key, String path) {
        Names.qualified(key).ifPresent(text -> problems.add(Problem.invalid(path, key, text)));
    }

    void labelValue(String value, String path) {
        Names.labelValue(value).ifPresent(text -> problems.add(Problem.invalid(path, value, text)));
    }

    private void some(JsonNode expression, String place) {
        if (expression.path("values").isEmpty()) {
            problems.add(Problem.required(place + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
        }
    }

    private void none(JsonNode expression, String place) {
        if (!expression.path("values").isEmpty()) {
            problems.add(Problem.forbidden(
                    place + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
    }

    private void operator(JsonNode expression, String place) {
        problems.add(Problem.invalid(
                place + ".operator", Json.textAt(expression, "operator"), "not a valid selector operator"));
    }

    @FunctionalInterface
    interface Check {
        void check(JsonNode item, String path);
    }

    static void each(JsonNode list, String path, Check check) {
        for (int i = 0; i < list.size(); i++) {
            check.check(list.path(i), path + "[" + i + "]");
        }
    }
}
