package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a node judges of a pod of the runtime class {@code container}; which fields are honoured the API has checked before. */
public final class ContainerPodRules {
    /** Upstream's safe set (kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster): each is a pod's own. */
    public static final Set<String> SAFE_SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes");

    /** Volumes whose files the agent writes, and no container does. */
    public static final List<String> FILE_VOLUMES = List.of("configMap", "secret", "downwardAPI", "projected");

    private final Pod pod;
    private final List<FieldError> errors = new ArrayList<>();

    private ContainerPodRules(Pod pod) {
        this.pod = pod;
    }

    /** Every reason why the container runtime cannot run this pod; empty when it can. */
    public static List<FieldError> check(Pod pod) {
        ContainerPodRules rules = new ContainerPodRules(pod);
        rules.sysctls();
        rules.mounts();
        return List.copyOf(rules.errors);
    }

    private void sysctls() {
        JsonNode sysctls = pod.spec().path("securityContext").path("sysctls");
        for (int i = 0; i < sysctls.size(); i++) {
            JsonNode name = sysctls.get(i).path("name");
            String path = "spec.securityContext.sysctls[" + i + "].name";
            if (!SAFE_SYSCTLS.contains(name.asText())) {
                error(
                        path,
                        name,
                        "the safe sysctls: " + SAFE_SYSCTLS.stream().sorted().toList());
            } else if (pod.hostNetwork() && name.asText().startsWith("net.")) {
                error(path, name, "no net. sysctl of a pod that has the node's network");
            }
        }
    }

    private void mounts() {
        Map<String, JsonNode> volumes = new HashMap<>();
        pod.spec().path("volumes").forEach(v -> volumes.put(Json.textAt(v, "name"), v));
        for (String list : List.of("initContainers", "containers")) {
            JsonNode containers = pod.spec().path(list);
            for (int i = 0; i < containers.size(); i++) {
                JsonNode mounts = containers.get(i).path("volumeMounts");
                for (int k = 0; k < mounts.size(); k++) {
                    mount("spec.%s[%d].volumeMounts[%d]".formatted(list, i, k), mounts.get(k), volumes);
                }
            }
        }
    }

    /** A subPath in a volume that containers write could lead anywhere by a link made between the look and the mount. */
    private void mount(String path, JsonNode mount, Map<String, JsonNode> volumes) {
        JsonNode volume = volumes.get(Json.textAt(mount, "name"));
        if (volume == null) {
            error(path + ".name", mount.path("name"), "no volume of that name in spec.volumes");
        } else if (!Json.textAt(mount, "subPath").isEmpty()
                && FILE_VOLUMES.stream().noneMatch(volume::has)) {
            error(
                    path + ".subPath",
                    mount.path("subPath"),
                    "accepted for volumes of these only: " + String.join(", ", FILE_VOLUMES));
        }
        String target = Json.textAt(mount, "mountPath");
        if (!target.startsWith("/")
                || target.equals("/")
                || List.of(target.split("/")).contains("..")) {
            error(path + ".mountPath", mount.path("mountPath"), "an absolute path other than /, without ..");
        }
    }

    private void error(String path, JsonNode found, String accepted) {
        errors.add(new FieldError(path, found.isMissingNode() ? "(absent)" : found.toString(), accepted));
    }
}
