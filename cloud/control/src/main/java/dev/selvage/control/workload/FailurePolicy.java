package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.Optional;

/** A Job's podFailurePolicy (k8s.io/kubernetes/pkg/controller/job/pod_failure_policy.go): the first rule that fits a failed pod says what it counts for. */
record FailurePolicy(JsonNode rules) {
    /** What a failed pod means for its Job. */
    sealed interface Verdict {
        record Count() implements Verdict {}

        record Ignore() implements Verdict {}

        /** It counts, and its index is not tried again. */
        record FailIndex() implements Verdict {}

        record FailJob(String message) implements Verdict {}
    }

    private static final Verdict COUNT = new Verdict.Count();

    static FailurePolicy of(ObjectNode job) {
        return new FailurePolicy(Json.at(job, "spec", "podFailurePolicy", "rules"));
    }

    boolean absent() {
        return rules.isEmpty();
    }

    Verdict judge(ObjectNode pod) {
        for (int i = 0; i < rules.size(); i++) {
            JsonNode rule = rules.get(i);
            Optional<String> match =
                    rule.path("onExitCodes").isObject() ? exit(rule.path("onExitCodes"), pod) : condition(rule, pod);
            if (match.isPresent()) {
                return switch (Json.textAt(rule, "action")) {
                    case "Ignore" -> new Verdict.Ignore();
                    case "FailIndex" -> new Verdict.FailIndex();
                    case "FailJob" -> new Verdict.FailJob(match.get() + " matching FailJob rule at index " + i);
                    default -> COUNT;
                };
            }
        }
        return COUNT;
    }

    private static Optional<String> exit(JsonNode rule, ObjectNode pod) {
        String only = Json.textAt(rule, "containerName");
        for (String list : new String[] {"containerStatuses", "initContainerStatuses"}) {
            for (JsonNode status : pod.path("status").path(list)) {
                String name = Json.textAt(status, "name");
                int code = Json.at(status, "state", "terminated", "exitCode").asInt(0);
                if (code != 0 && (only.isEmpty() || only.equals(name)) && matches(rule, code)) {
                    return Optional.of("Container %s for pod %s/%s failed with exit code %d"
                            .formatted(name, Json.textAt(pod, "metadata", "namespace"), name(pod), code));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean matches(JsonNode rule, int code) {
        boolean in = false;
        for (JsonNode value : rule.path("values")) {
            in |= value.asInt() == code;
        }
        return in == Json.textAt(rule, "operator").equals("In");
    }

    private static Optional<String> condition(JsonNode rule, ObjectNode pod) {
        for (JsonNode pattern : rule.path("onPodConditions")) {
            for (JsonNode condition : pod.path("status").path("conditions")) {
                if (pattern.path("type").equals(condition.path("type"))
                        && pattern.path("status").equals(condition.path("status"))) {
                    return Optional.of("Pod %s/%s has condition %s"
                            .formatted(
                                    Json.textAt(pod, "metadata", "namespace"),
                                    name(pod),
                                    Json.textAt(condition, "type")));
                }
            }
        }
        return Optional.empty();
    }

    private static String name(ObjectNode pod) {
        return Json.textAt(pod, "metadata", "name");
    }
}
