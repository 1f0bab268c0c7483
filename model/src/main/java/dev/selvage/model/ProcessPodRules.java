package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which PodSpec fields the runtime class {@code process} honours, which it accepts at upstream's default only, and which
 * it refuses. Nothing is silently ignored: a field that is in none of the tables is refused by name.
 */
public final class ProcessPodRules {
    private static final Set<String> SPEC = Set.of(
            "containers",
            "initContainers",
            "volumes",
            "restartPolicy",
            "terminationGracePeriodSeconds",
            "activeDeadlineSeconds",
            "hostNetwork",
            "runtimeClassName",
            "nodeName",
            "nodeSelector",
            "tolerations",
            "affinity",
            "topologySpreadConstraints",
            "priority",
            "priorityClassName",
            "preemptionPolicy",
            "schedulerName",
            "securityContext",
            "hostname",
            "serviceAccountName",
            "serviceAccount",
            "automountServiceAccountToken",
            "enableServiceLinks",
            "imagePullSecrets",
            "overhead",
            "ephemeralContainers");
    private static final Map<String, Set<String>> SPEC_DEFAULTS = Map.of(
            "dnsPolicy", Set.of("ClusterFirst", "ClusterFirstWithHostNet", "Default"),
            "hostPID", Set.of("false"),
            "hostIPC", Set.of("false"),
            "shareProcessNamespace", Set.of("false"),
            "setHostnameAsFQDN", Set.of("false"));
    private static final Set<String> POD_SECURITY =
            Set.of("runAsUser", "runAsGroup", "runAsNonRoot", "fsGroup", "supplementalGroups");
    private static final Set<String> CONTAINER = Set.of(
            "name",
            "image",
            "command",
            "args",
            "workingDir",
            "ports",
            "env",
            "envFrom",
            "resources",
            "volumeMounts",
            "livenessProbe",
            "readinessProbe",
            "startupProbe",
            "lifecycle",
            "terminationMessagePolicy",
            "imagePullPolicy",
            "securityContext",
            "resizePolicy");
    private static final Map<String, Set<String>> CONTAINER_DEFAULTS = Map.of(
            "terminationMessagePath", Set.of("/dev/termination-log"),
            "stdin", Set.of("false"),
            "stdinOnce", Set.of("false"),
            "tty", Set.of("false"));
    private static final Set<String> CONTAINER_SECURITY = Set.of("runAsUser", "runAsGroup", "runAsNonRoot");
    private static final Map<String, Set<String>> CONTAINER_SECURITY_DEFAULTS = Map.of(
            "privileged", Set.of("false"),
            "allowPrivilegeEscalation", Set.of("false"),
            "readOnlyRootFilesystem", Set.of("true", "false"));
    private static final Set<String> HOOKS = Set.of("postStart", "preStop");
    private static final Set<String> PROBE = Set.of(
            "exec",
            "httpGet",
            "tcpSocket",
            "initialDelaySeconds",
            "timeoutSeconds",
            "periodSeconds",
            "successThreshold",
            "failureThreshold",
            "terminationGracePeriodSeconds");

    private final Pod pod;
    private final List<FieldError> errors = new ArrayList<>();

    private ProcessPodRules(Pod pod) {
        this.pod = pod;
    }

    /** Every reason why the process runtime cannot run this pod; empty when it can. */
    public static List<FieldError> check(Pod pod) {
        ProcessPodRules rules = new ProcessPodRules(pod);
        rules.checkSpec();
        return List.copyOf(rules.errors);
    }

    private void checkSpec() {
        JsonNode spec = pod.spec();
        fields("spec", spec, SPEC, SPEC_DEFAULTS);
        if (!pod.hostNetwork()) {
            error(
                    "spec.hostNetwork",
                    spec.path("hostNetwork"),
                    "the process runtime has the host's network only: say hostNetwork: true");
        }
        JsonNode security = spec.path("securityContext");
        fields("spec.securityContext", security, POD_SECURITY, Map.of());
        notRoot("spec.securityContext", security);
        Map<String, JsonNode> volumes = checkVolumes(spec.path("volumes"));
        checkContainers("initContainers", spec, volumes);
        checkContainers("containers", spec, volumes);
    }

    private Map<String, JsonNode> checkVolumes(JsonNode volumes) {
        Map<String, JsonNode> byName = new HashMap<>();
        for (int i = 0; i < volumes.size(); i++) {
            JsonNode volume = volumes.get(i);
            String path = "spec.volumes[" + i + "]";
            byName.put(Json.textAt(volume, "name"), volume);
            fields(
                    path,
                    volume,
                    Set.of("name", "configMap", "secret", "emptyDir", "downwardAPI", "projected"),
                    Map.of());
            fields(
                    path + ".configMap",
                    volume.path("configMap"),
                    Set.of("name", "items", "defaultMode", "optional"),
                    Map.of());
            fields(
                    path + ".secret",
                    volume.path("secret"),
                    Set.of("secretName", "items", "defaultMode", "optional"),
                    Map.of());
            fields(path + ".downwardAPI", volume.path("downwardAPI"), Set.of("items", "defaultMode"), Map.of());
            fields(path + ".projected", volume.path("projected"), Set.of("sources", "defaultMode"), Map.of());
            JsonNode sources = volume.path("projected").path("sources");
            for (int k = 0; k < sources.size(); k++) {
                fields(
                        path + ".projected.sources[" + k + "]",
                        sources.get(k),
                        Set.of("configMap", "secret", "downwardAPI"),
                        Map.of());
            }
            fields(
                    path + ".emptyDir",
                    volume.path("emptyDir"),
                    Set.of("sizeLimit"),
                    Map.of("medium", Set.of("", "Memory")));
        }
        return byName;
    }

    private void checkContainers(String field, JsonNode spec, Map<String, JsonNode> volumes) {
        JsonNode containers = spec.path(field);
        for (int i = 0; i < containers.size(); i++) {
            JsonNode container = containers.get(i);
            String path = "spec." + field + "[" + i + "]";
            fields(path, container, CONTAINER, CONTAINER_DEFAULTS);
            if (container.path("command").isEmpty()) {
                error(
                        path + ".command",
                        container.path("command"),
                        "a command is needed: host images have no entry point");
            }
            checkSecurity(path + ".securityContext", container.path("securityContext"));
            for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
                fields(path + "." + probe, container.path(probe), PROBE, Map.of());
            }
            JsonNode lifecycle = container.path("lifecycle");
            fields(path + ".lifecycle", lifecycle, HOOKS, Map.of());
            for (String hook : HOOKS) {
                fields(path + ".lifecycle." + hook, lifecycle.path(hook), Set.of("exec", "httpGet", "sleep"), Map.of());
            }
            checkEnv(path, container);
            checkMounts(path, container, volumes);
        }
    }

    private void checkSecurity(String path, JsonNode security) {
        Set<String> known = new java.util.HashSet<>(CONTAINER_SECURITY);
        known.add("capabilities");
        fields(path, security, known, CONTAINER_SECURITY_DEFAULTS);
        if (!security.path("capabilities").path("add").isEmpty()) {
            error(
                    path + ".capabilities.add",
                    security.path("capabilities").path("add"),
                    "processes get no capabilities");
        }
        notRoot(path, security);
    }

    private void notRoot(String path, JsonNode security) {
        if (security.has("runAsUser") && security.path("runAsUser").asLong() == 0) {
            error(
                    path + ".runAsUser",
                    security.path("runAsUser"),
                    "processes never run as root: accepted 1 to 4294967294, 65534 when absent");
        }
        if (security.has("runAsGroup") && security.path("runAsGroup").asLong() == 0) {
            error(
                    path + ".runAsGroup",
                    security.path("runAsGroup"),
                    "processes never run in group root: accepted 1 to 4294967294");
        }
    }

    private void checkEnv(String path, JsonNode container) {
        JsonNode env = container.path("env");
        for (int i = 0; i < env.size(); i++) {
            fields(
                    path + ".env[" + i + "].valueFrom",
                    env.get(i).path("valueFrom"),
                    Set.of("configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef"),
                    Map.of());
        }
    }

    private void checkMounts(String path, JsonNode container, Map<String, JsonNode> volumes) {
        JsonNode mounts = container.path("volumeMounts");
        for (int i = 0; i < mounts.size(); i++) {
            JsonNode mount = mounts.get(i);
            String here = path + ".volumeMounts[" + i + "]";
            fields(
                    here,
                    mount,
                    Set.of("name", "mountPath", "readOnly", "subPath"),
                    Map.of("mountPropagation", Set.of("None"), "recursiveReadOnly", Set.of("Disabled")));
            JsonNode volume = volumes.get(Json.textAt(mount, "name"));
            if (volume == null) {
                error(here + ".name", mount.path("name"), "no volume of that name in spec.volumes");
                continue;
            }
            if (mount.has("subPath") && volume.has("emptyDir")) {
                error(
                        here + ".subPath",
                        mount.path("subPath"),
                        "accepted for volumes of these only: " + String.join(", ", ContainerPodRules.FILE_VOLUMES));
            }
            checkTarget(here + ".mountPath", mount.path("mountPath"), mounts, i);
        }
    }

    /** A mount inside another volume would be made at a place that the container itself can move. */
    private void checkTarget(String path, JsonNode target, JsonNode mounts, int index) {
        String text = target.asText();
        if (!text.startsWith("/")
                || text.equals("/")
                || List.of(text.split("/")).contains("..")) {
            error(path, target, "accepted: an absolute path other than /, without ..");
            return;
        }
        for (String ours : List.of("/proc", "/dev", "/sys", "/.selvage")) {
            if (text.equals(ours) || text.startsWith(ours + "/")) {
                error(path, target, ours + " belongs to the runtime");
            }
        }
        for (int other = 0; other < mounts.size(); other++) {
            String outer = Json.textAt(mounts.get(other), "mountPath").replaceAll("/+$", "") + "/";
            if (other != index && (text + "/").startsWith(outer)) {
                error(path, target, "may not lie inside the mount at " + outer);
                return;
            }
        }
    }

    private void fields(String path, JsonNode node, Set<String> honoured, Map<String, Set<String>> defaults) {
        node.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (honoured.contains(field.getKey()) || value.isNull()) {
                return;
            }
            Set<String> accepted = defaults.get(field.getKey());
            if (accepted == null) {
                error(path + "." + field.getKey(), value, "not honoured by runtime class process");
            } else if (!accepted.contains(value.asText())) {
                error(
                        path + "." + field.getKey(),
                        value,
                        "runtime class process accepts "
                                + String.join(", ", accepted.stream().sorted().toList()));
            }
        });
    }

    private void error(String path, JsonNode found, String accepted) {
        errors.add(new FieldError(path, found.isMissingNode() ? "(absent)" : found.toString(), accepted));
    }
}
