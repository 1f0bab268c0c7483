package dev.selvage.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The three outcomes of each field of a PodSpec: honoured, accepted at its default value, refused by name. These tables
 * are the one place that says which; whoever makes a runtime honour a field moves it here. The guides are tested against them.
 *
 * <p>Per upstream type: field -> accepted values; no values listed means that the field is honoured. A type that is not
 * listed is honoured whole.
 */
final class PodFieldTable {
    private static final List<String> HONOURED = List.of();

    /** Pods of the runtime class {@code process}. */
    static final Map<String, Map<String, List<String>>> PROCESS = Map.ofEntries(
            type(
                    "PodSpec",
                    honoured(
                            "volumes",
                            "initContainers",
                            "containers",
                            "restartPolicy",
                            "terminationGracePeriodSeconds",
                            "activeDeadlineSeconds",
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
                            "lifecycle",
                            "terminationMessagePolicy",
                            "securityContext"),
                    only("terminationMessagePath", "/dev/termination-log"),
                    only("imagePullPolicy", "Always", "IfNotPresent", "Never")), // host images are never pulled
            type("ContainerPort", honoured("name", "containerPort", "hostPort", "protocol")),
            type("EnvVar", honoured("name", "value", "valueFrom")),
            type("EnvVarSource", honoured("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef")),
            type("EnvFromSource", honoured("prefix", "configMapRef", "secretRef")),
            type("ResourceRequirements", honoured("limits", "requests")),
            type("VolumeMount", honoured("name", "mountPath", "readOnly", "subPath"), only("mountPropagation", "None")),
            type("Volume", honoured("name", "configMap", "secret", "emptyDir", "downwardAPI", "projected")),
            type("ProjectedVolumeSource", honoured("sources", "defaultMode")),
            type("VolumeProjection", honoured("configMap", "secret", "downwardAPI")),
            type("Lifecycle", honoured("postStart", "preStop")),
            type("LifecycleHandler", honoured("exec", "httpGet", "sleep")), // upstream runs no tcpSocket hook either
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

    /** Pods of the runtime class {@code container}, the default: what is different from processes. */
    static final Map<String, Map<String, List<String>>> CONTAINER = with(
            PROCESS,
            type("PodSpec", honoured("imagePullSecrets", "hostname", "hostAliases")),
            type("Container", honoured("imagePullPolicy", "stdin", "tty", "terminationMessagePath")),
            type("ContainerPort", honoured("hostIP")),
            type("Volume", honoured("hostPath")),
            type(
                    "PodSecurityContext",
                    honoured("runAsNonRoot", "sysctls"),
                    only("seccompProfile", "{\"type\":\"RuntimeDefault\"}", "{\"type\":\"Unconfined\"}")),
            type(
                    "SecurityContext",
                    honoured(
                            "runAsNonRoot",
                            "privileged",
                            "allowPrivilegeEscalation",
                            "readOnlyRootFilesystem",
                            "capabilities"),
                    only("seccompProfile", "{\"type\":\"RuntimeDefault\"}", "{\"type\":\"Unconfined\"}")));

    private PodFieldTable() {}

    static boolean isProcess(String runtimeClass) {
        return runtimeClass.equals("process");
    }

    @SafeVarargs
    private static Map<String, Map<String, List<String>>> with(
            Map<String, Map<String, List<String>>> base, Map.Entry<String, Map<String, List<String>>>... changes) {
        Map<String, Map<String, List<String>>> all = new LinkedHashMap<>(base);
        for (Map.Entry<String, Map<String, List<String>>> change : changes) {
            Map<String, List<String>> fields = new LinkedHashMap<>(all.getOrDefault(change.getKey(), Map.of()));
            fields.putAll(change.getValue());
            all.put(change.getKey(), Map.copyOf(fields));
        }
        return Map.copyOf(all);
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
