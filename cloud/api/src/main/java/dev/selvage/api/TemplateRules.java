package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.util.List;

/**
 * Rules of a pod template within a workload (k8s.io/kubernetes/pkg/apis/core/validation, ValidatePodTemplateSpec).
 *
 * @param root path of the template in its object
 * @param restartPolicies what the workload accepts
 */
record TemplateRules(Definitions definitions, List<Problem> problems, String root, List<String> restartPolicies) {
    /** @param stored the template is as it was: it stays changeable when rules grow */
    void check(JsonNode template, boolean stored) {
        String place = root + ".spec";
        if (!(template.path("spec") instanceof ObjectNode pod)) {
            problems.add(Problem.required(place, ""));
            return;
        }
        String labels = root + ".metadata.labels";
        Meta.labels(template).forEach((key, value) -> {
            Names.qualified(key).ifPresent(text -> problems.add(Problem.invalid(labels, key, text)));
            Names.labelValue(value).ifPresent(text -> problems.add(Problem.invalid(labels, value, text)));
        });
        new PodRules(definitions, problems, place).check(pod, stored);
        if (!restartPolicies.contains(Json.textAt(pod, "restartPolicy"))) {
            problems.add(Problem.unsupported(place + ".restartPolicy", pod.path("restartPolicy"), restartPolicies));
        }
    }
}
