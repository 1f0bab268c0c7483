package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.ContainerPodRules;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The checks of the Pod Security Standards in upstream's order and words (k8s.io/pod-security-admission/policy), and one
 * of ours: the process runtime shares the node's kernel and files and counts as privileged.
 */
final class PodSecurityChecks {
    private static final Set<String> BASELINE_CAPABILITIES = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");
    private static final Set<String> SELINUX_TYPES =
            Set.of("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t");
    private static final Set<String> RESTRICTED_VOLUMES = Set.of(
            "name",
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "persistentVolumeClaim",
            "projected",
            "secret",
            "image");

    private final JsonNode spec;
    private final List<JsonNode> containers = new ArrayList<>();
    private final List<String> found = new ArrayList<>();

    private PodSecurityChecks(JsonNode spec) {
        this.spec = spec;
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            spec.path(list).forEach(containers::add);
        }
    }

    /** What of a PodSpec goes beyond the level, each as "reason (detail)"; empty where nothing does. */
    static List<String> violations(JsonNode spec, PodSecurityLevel level) {
        PodSecurityChecks checks = new PodSecurityChecks(spec);
        if (level != PodSecurityLevel.PRIVILEGED) {
            checks.baseline(level == PodSecurityLevel.BASELINE);
        }
        if (level == PodSecurityLevel.RESTRICTED) {
            new RestrictedChecks(spec, checks.containers, RESTRICTED_VOLUMES, checks.found).run();
        }
        return checks.found;
    }

    /** @param whole whether also those that the level restricted replaces by stricter ones */
    private void baseline(boolean whole) {
        if (Json.textAt(spec, "runtimeClassName").equals("process")) {
            found.add("process runtime (runtimeClassName \"process\" counts as privileged)");
        }
        if (whole) {
            capabilities();
        }
        hostNamespaces();
        List<String> hostPaths = new ArrayList<>();
        for (JsonNode volume : spec.path("volumes")) {
            if (volume.has("hostPath")) {
                hostPaths.add(Json.textAt(volume, "name"));
            }
        }
        if (!hostPaths.isEmpty()) {
            found.add("hostPath volumes (" + named("volume", hostPaths) + ")");
        }
        hostPorts();
        containers(
                "privileged",
                "must not set securityContext.privileged=true",
                container -> Json.at(container, "securityContext", "privileged").asBoolean());
        procMount();
        seLinux();
        if (whole) {
            seccomp();
        }
        sysctls();
    }

    private void capabilities() {
        Set<String> names = new LinkedHashSet<>();
        List<String> who = namesOf(container -> {
            List<String> forbidden = added(container, BASELINE_CAPABILITIES);
            names.addAll(forbidden);
            return !forbidden.isEmpty();
        });
        if (!who.isEmpty()) {
            found.add("non-default capabilities (" + named("container", who) + " must not include " + quoted(names)
                    + " in securityContext.capabilities.add)");
        }
    }

    static List<String> added(JsonNode container, Set<String> allowed) {
        List<String> forbidden = new ArrayList<>();
        Json.at(container, "securityContext", "capabilities", "add").forEach(name -> {
            if (!allowed.contains(name.asText())) {
                forbidden.add(name.asText());
            }
        });
        return forbidden;
    }

    private void hostNamespaces() {
        List<String> set = new ArrayList<>();
        for (String field : List.of("hostNetwork", "hostPID", "hostIPC")) {
            if (spec.path(field).asBoolean()) {
                set.add(field + "=true");
            }
        }
        if (!set.isEmpty()) {
            found.add("host namespaces (" + String.join(", ", set) + ")");
        }
    }

    private void hostPorts() {
        Set<String> ports = new LinkedHashSet<>();
        List<String> who = namesOf(container -> {
            boolean any = false;
            for (JsonNode port : container.path("ports")) {
                if (port.path("hostPort").asInt(0) != 0) {
                    ports.add(port.path("hostPort").asText());
                    any = true;
                }
            }
            return any;
        });
        if (!who.isEmpty()) {
            found.add("hostPort (" + named("container", who) + (who.size() == 1 ? " uses hostPort" : " use hostPort")
                    + (ports.size() == 1 ? " " : "s ") + String.join(", ", ports) + ")");
        }
    }

    private void procMount() {
        containers(
                "procMount",
                "must not set securityContext.procMount to \"Unmasked\"",
                container ->
                        Json.textAt(container, "securityContext", "procMount").equals("Unmasked"));
    }

    private void seLinux() {
        Set<String> types = new LinkedHashSet<>();
        Set<String> faults = new LinkedHashSet<>();
        Predicate<JsonNode> forbidden = holder -> {
            JsonNode options = Json.at(holder, "securityContext", "seLinuxOptions");
            boolean type = !SELINUX_TYPES.contains(Json.textAt(options, "type"));
            boolean user = !Json.textAt(options, "user").isEmpty();
            boolean role = !Json.textAt(options, "role").isEmpty();
            if (type) {
                types.add(Json.textAt(options, "type"));
            }
            if (user) {
                faults.add("user may not be set");
            }
            if (role) {
                faults.add("role may not be set");
            }
            return type || user || role;
        };
        String holders = holders(forbidden);
        if (!holders.isEmpty()) {
            List<String> all = new ArrayList<>();
            if (!types.isEmpty()) {
                all.add((types.size() == 1 ? "type " : "types ") + quoted(types));
            }
            all.addAll(faults);
            found.add("seLinuxOptions (" + holders + " set forbidden securityContext.seLinuxOptions: "
                    + String.join("; ", all) + ")");
        }
    }

    /** {@code pod and containers "a", "b"}: all whose security context breaks a rule; empty where none does. */
    private String holders(Predicate<JsonNode> breaks) {
        List<String> parts = new ArrayList<>();
        if (breaks.test(spec)) {
            parts.add("pod");
        }
        List<String> who = namesOf(breaks);
        if (!who.isEmpty()) {
            parts.add(named("container", who));
        }
        return String.join(" and ", parts);
    }

    private void seccomp() {
        String holders = holders(holder ->
                Json.textAt(holder, "securityContext", "seccompProfile", "type").equals("Unconfined"));
        if (!holders.isEmpty()) {
            found.add("seccompProfile (" + holders
                    + " must not set securityContext.seccompProfile.type to \"Unconfined\")");
        }
    }

    private void sysctls() {
        List<String> forbidden = new ArrayList<>();
        Json.at(spec, "securityContext", "sysctls").forEach(sysctl -> {
            if (!ContainerPodRules.SAFE_SYSCTLS.contains(Json.textAt(sysctl, "name"))) {
                forbidden.add(Json.textAt(sysctl, "name"));
            }
        });
        if (!forbidden.isEmpty()) {
            found.add("forbidden sysctls (" + String.join(", ", forbidden) + ")");
        }
    }

    private void containers(String reason, String rule, Predicate<JsonNode> breaks) {
        List<String> who = namesOf(breaks);
        if (!who.isEmpty()) {
            found.add(reason + " (" + named("container", who) + " " + rule + ")");
        }
    }

    private List<String> namesOf(Predicate<JsonNode> breaks) {
        return names(containers, breaks);
    }

    static List<String> names(List<JsonNode> containers, Predicate<JsonNode> breaks) {
        return containers.stream()
                .filter(breaks)
                .map(container -> Json.textAt(container, "name"))
                .toList();
    }

    /** {@code container "a"}, {@code containers "a", "b"}. */
    static String named(String what, List<String> names) {
        return what + (names.size() == 1 ? " " : "s ") + quoted(names);
    }

    static String quoted(Iterable<String> names) {
        List<String> quoted = new ArrayList<>();
        names.forEach(name -> quoted.add('"' + name + '"'));
        return quoted.stream().collect(Collectors.joining(", "));
    }
}
