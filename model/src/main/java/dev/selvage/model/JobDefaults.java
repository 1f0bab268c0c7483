package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Upstream's defaults of a Job (k8s.io/kubernetes/pkg/apis/batch/v1/defaults.go), for those that the API takes in and those that CronJobs make. */
public final class JobDefaults {
    private JobDefaults() {}

    /** All but the pod template's own. A Job that is new gets its uid, and by it its selector. */
    public static void apply(ObjectNode job) {
        ObjectNode spec = Json.child(job, "spec");
        if (!spec.hasNonNull("completions") && !spec.hasNonNull("parallelism")) {
            spec.put("completions", 1);
        }
        absent(spec, "parallelism", 1);
        absent(spec, "backoffLimit", spec.hasNonNull("backoffLimitPerIndex") ? Integer.MAX_VALUE : 6);
        absent(spec, "completionMode", "NonIndexed");
        boolean policy = spec.path("podFailurePolicy").isObject();
        absent(spec, "podReplacementPolicy", policy ? "Failed" : "TerminatingOrFailed");
        absent(spec, "suspend", false);
        for (JsonNode rule : Json.at(spec, "podFailurePolicy", "rules")) {
            for (JsonNode pattern : rule.path("onPodConditions")) {
                if (pattern instanceof ObjectNode object) {
                    absent(object, "status", "True");
                }
            }
        }
        if (Meta.creationTimestamp(job).isEmpty() && spec.path("template").isObject()) {
            JobLabels.generate(job);
        }
    }

    private static void absent(ObjectNode object, String field, Object value) {
        if (!object.hasNonNull(field)) {
            object.set(field, Json.scalar(value));
        }
    }
}
