package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Quantity;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Rules of the downward API's selectors (k8s.io/kubernetes/pkg/apis/core/validation: validateObjectFieldSelector, validateContainerResourceFieldSelector). */
final class DownwardRules {
    private static final Set<String> LABELS = Set.of(
            "metadata.annotations",
            "metadata.labels",
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.serviceAccountName",
            "spec.schedulerName",
            "status.phase",
            "status.hostIP",
            "status.hostIPs",
            "status.podIP",
            "status.podIPs");
    private static final List<String> IN_VARIABLES = List.of(
            "metadata.name",
            "metadata.namespace",
            "metadata.uid",
            "spec.nodeName",
            "spec.serviceAccountName",
            "status.hostIP",
            "status.hostIPs",
            "status.podIP",
            "status.podIPs");
    private static final List<String> IN_FILES =
            List.of("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid");
    private static final List<String> RESOURCES = List.of(
            "limits.cpu",
            "limits.ephemeral-storage",
            "limits.memory",
            "requests.cpu",
            "requests.ephemeral-storage",
            "requests.memory");
    private static final List<String> OF_CPU = List.of("1m", "1");
    private static final List<String> OF_BYTES =
            List.of("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei");

    private final List<Problem> problems;

    DownwardRules(List<Problem> problems) {
        this.problems = problems;
    }

    /** An ObjectFieldSelector. */
    void field(JsonNode selector, String path, boolean file) {
        String version = Json.textAt(selector, "apiVersion");
        String field = Json.textAt(selector, "fieldPath");
        if (field.isEmpty()) {
            return; // the schema has told
        }
        int bracket = field.indexOf("['");
        boolean subscript = bracket > 0 && field.endsWith("']");
        String base = subscript ? field.substring(0, bracket) : field;
        boolean map = base.equals("metadata.labels") || base.equals("metadata.annotations");
        if (!version.isEmpty() && !version.equals("v1")) {
            unconvertible(path, field, "unsupported pod version: " + version);
        } else if (subscript && !map) {
            unconvertible(path, field, "field label does not support subscript: " + field);
        } else if (subscript) {
            String key = field.substring(bracket + 2, field.length() - 2);
            Names.qualified(base.endsWith("annotations") ? key.toLowerCase(Locale.ROOT) : key)
                    .ifPresent(text -> problems.add(Problem.invalid(path, key, text)));
        } else if (!LABELS.contains(field)) {
            unconvertible(path, field, "field label not supported: " + field);
        } else if (!(file ? IN_FILES : IN_VARIABLES).contains(field)) {
            problems.add(Problem.unsupported(
                    path + ".fieldPath", selector.path("fieldPath"), file ? IN_FILES : IN_VARIABLES));
        }
    }

    private void unconvertible(String path, String field, String why) {
        problems.add(Problem.invalid(path + ".fieldPath", field, "error converting fieldPath: " + why));
    }

    /** A ResourceFieldSelector; that of a file has to name its container. */
    void resource(JsonNode selector, String path, boolean file) {
        String resource = Json.textAt(selector, "resource");
        if (file && Json.textAt(selector, "containerName").isEmpty()) {
            problems.add(Problem.required(path + ".containerName", ""));
        } else if (!resource.isEmpty() && !RESOURCES.contains(resource)) {
            problems.add(Problem.unsupported(path + ".resource", selector.path("resource"), RESOURCES));
        }
        divisor(resource, selector.path("divisor").asText(""), path + ".divisor");
    }

    private void divisor(String resource, String divisor, String path) {
        boolean unset = Quantity.parse(divisor)
                .map(quantity -> quantity.value().signum() == 0)
                .orElse(true);
        if (unset || !RESOURCES.contains(resource)) {
            return;
        }
        String name = resource.substring(resource.indexOf('.') + 1);
        List<String> accepted = name.equals("cpu") ? OF_CPU : OF_BYTES;
        if (!accepted.contains(divisor)) {
            problems.add(Problem.invalid(
                    path,
                    resource,
                    "only divisor's values %s are supported with the %s resource"
                            .formatted(
                                    name.equals("cpu") ? "1m and 1" : String.join(", ", OF_BYTES),
                                    name.equals("ephemeral-storage") ? "local ephemeral storage" : name)));
        }
    }
}
