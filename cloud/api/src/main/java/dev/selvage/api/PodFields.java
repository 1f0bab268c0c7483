package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The three outcomes of each field of a PodSpec: honoured, accepted at its default value, refused by name. Nothing is
 * silently ignored. This table is the one place that says which; whoever makes a runtime honour a field moves it here.
 */
final class PodFields {
    private static final List<String> HONOURED = List.of();

    /** Per upstream type: field -> accepted values; no values listed means that the field is honoured. */
    private static final Map<String, Map<String, List<String>>> TABLE = Map.ofEntries(
            type(
                    "PodSpec",
                    honoured(
                            "volumes",
                            "initContainers",
                            "containers",
                            "restartPolicy",
                            "terminationGracePeriodSeconds",
                            "nodeSelector",
                            "nodeName",
                            "hostNetwork",
                            "tolerations",
                            "affinity",
                            "topologySpreadConstraints",
                            "priorityClassName",
                            "priority",
                            "runtimeClassName",
                            "securityContext"),
                    only("schedulerName", "default-scheduler"),
                    only("dnsPolicy", "ClusterFirst", "ClusterFirstWithHostNet", "Default"), // the node's resolver
                    only("enableServiceLinks", "true", "false"), // there are no Services to link
                    only("serviceAccountName", "default"),
                    only("serviceAccount", "default"),
                    only("automountServiceAccountToken", "false"),
                    only("preemptionPolicy", "PreemptLowerPriority", "Never"), // both are honoured
                    only("hostUsers", "true"),
                    only("os", "{\"name\":\"linux\"}")),
            type(
                    "Container",
                    honoured(
                            "name",
                            "image",
                            "command",
                            "args",
                            "workingDir",
                            "ports",
                            "envFrom",
                            "env",
                            "resources",
                            "volumeMounts",
                            "livenessProbe",
                            "readinessProbe",
                            "startupProbe",
                            "securityContext"),
                    only("terminationMessagePath", "/dev/termination-log"),
                    only("terminationMessagePolicy", "File"),
                    only("imagePullPolicy", "Always", "IfNotPresent", "Never")), // host images are never pulled
            type("ContainerPort", honoured("name", "containerPort", "hostPort", "protocol")),
            type("EnvVar", honoured("name", "value", "valueFrom")),
            type("EnvVarSource", honoured("fieldRef", "configMapKeyRef", "secretKeyRef")),
            type("EnvFromSource", honoured("prefix", "configMapRef", "secretRef")),
            type("ResourceRequirements", honoured("limits", "requests")),
            type("VolumeMount", honoured("name", "mountPath", "readOnly", "subPath"), only("mountPropagation", "None")),
            type("Volume", honoured("name", "configMap", "secret", "emptyDir")),
            type(
                    "Probe",
                    honoured(
                            "exec",
                            "httpGet",
                            "tcpSocket",
                            "initialDelaySeconds",
                            "timeoutSeconds",
                            "periodSeconds",
                            "successThreshold",
                            "failureThreshold")),
            type(
                    "PodSecurityContext",
                    honoured("runAsUser", "runAsGroup", "supplementalGroups", "fsGroup"),
                    only("runAsNonRoot", "true", "false"), // always so
                    only("seccompProfile", "{\"type\":\"RuntimeDefault\"}")),
            type(
                    "SecurityContext",
                    honoured("runAsUser", "runAsGroup"),
                    only("runAsNonRoot", "true", "false"), // always so
                    only("privileged", "false"),
                    only("allowPrivilegeEscalation", "false"), // bubblewrap sets no_new_privs
                    only("readOnlyRootFilesystem", "true", "false"), // the root is always a read-only view
                    only("capabilities", "{\"drop\":[\"ALL\"]}"), // none are left
                    only("seccompProfile", "{\"type\":\"RuntimeDefault\"}")));

    private final Definitions definitions;
    private final List<Problem> problems;

    PodFields(Definitions definitions, List<Problem> problems) {
        this.definitions = definitions;
        this.problems = problems;
    }

    void check(ObjectNode spec, String path) {
        walk(spec, "io.k8s.api.core.v1.PodSpec", path);
    }

    private void walk(ObjectNode object, String definition, String path) {
        Map<String, List<String>> rules = TABLE.get(definition.substring(definition.lastIndexOf('.') + 1));
        if (rules == null) {
            return; // a type all of whose fields are honoured
        }
        ObjectNode schema = definitions.get(definition);
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String place = path + "." + field.getKey();
            List<String> accepted = rules.get(field.getKey());
            if (accepted == null) {
                if (!isEmpty(field.getValue())) {
                    problems.add(Problem.forbidden(place, "this field is not honoured here; leave it out"));
                }
            } else if (accepted.isEmpty()) {
                JsonNode property =
                        schema == null ? null : schema.path("properties").path(field.getKey());
                descend(field.getValue(), property == null ? "" : reference(property), place);
            } else if (isSaid(field.getValue()) && !accepted.contains(text(field.getValue()))) {
                problems.add(Problem.unsupported(place, field.getValue(), accepted));
            }
        }
    }

    private void descend(JsonNode value, String definition, String path) {
        if (definition.isEmpty()) {
            return;
        }
        if (value instanceof ObjectNode object) {
            walk(object, definition, path);
        } else if (value instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                descend(array.get(i), definition, path + "[" + i + "]");
            }
        }
    }

    private static String reference(JsonNode property) {
        JsonNode schema = property.has("items") ? property.get("items") : property;
        return schema.path("$ref").asText("");
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** false and 0 say something where another value is the only one accepted. */
    private static boolean isSaid(JsonNode value) {
        return value.isBoolean() || value.isNumber() || !isEmpty(value);
    }

    private static boolean isEmpty(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY, OBJECT -> value.isEmpty();
            case STRING -> value.textValue().isEmpty();
            case BOOLEAN -> !value.booleanValue();
            case NUMBER -> value.doubleValue() == 0;
            default -> true;
        };
    }

    @SafeVarargs
    private static Map.Entry<String, Map<String, List<String>>> type(String name, Map<String, List<String>>... rules) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (Map<String, List<String>> rule : rules) {
            all.putAll(rule);
        }
        return Map.entry(name, Map.copyOf(all));
    }

    private static Map<String, List<String>> honoured(String... fields) {
        Map<String, List<String>> rules = new LinkedHashMap<>();
        for (String field : fields) {
            rules.put(field, HONOURED);
        }
        return rules;
    }

    private static Map<String, List<String>> only(String field, String... values) {
        return Map.of(field, List.of(values));
    }
}
