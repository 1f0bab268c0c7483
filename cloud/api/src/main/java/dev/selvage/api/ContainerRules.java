package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ContainerPodRules;
import dev.selvage.model.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Rules that only container pods need (k8s.io/kubernetes/pkg/apis/core/validation), beside those of all pods. */
final class ContainerRules {
    private static final List<String> HOST_PATH_TYPES = List.of(
            "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket");

    private final List<Problem> problems;
    private final String root;

    ContainerRules(List<Problem> problems, String root) {
        this.problems = problems;
        this.root = root;
    }

    void check(ObjectNode spec) {
        boolean hostNetwork = spec.path("hostNetwork").asBoolean();
        sysctls(spec.path("securityContext").path("sysctls"), hostNetwork);
        Set<String> writable = new HashSet<>();
        for (int i = 0; i < spec.path("volumes").size(); i++) {
            JsonNode volume = spec.path("volumes").get(i);
            if (volume.has("hostPath")) {
                hostPath(volume.path("hostPath"), root + ".volumes[" + i + "].hostPath");
            }
            if (volume.has("hostPath") || volume.has("emptyDir")) {
                writable.add(Json.textAt(volume, "name"));
            }
        }
        for (String list : List.of("initContainers", "containers")) {
            for (int i = 0; i < spec.path(list).size(); i++) {
                container(spec.path(list).get(i), root + "." + list + "[" + i + "]", writable, hostNetwork);
            }
        }
    }

    private void sysctls(JsonNode sysctls, boolean hostNetwork) {
        for (int i = 0; i < sysctls.size(); i++) {
            JsonNode name = sysctls.get(i).path("name");
            String path = root + ".securityContext.sysctls[" + i + "].name";
            if (!ContainerPodRules.SAFE_SYSCTLS.contains(name.asText())) {
                problems.add(Problem.unsupported(
                        path,
                        name,
                        ContainerPodRules.SAFE_SYSCTLS.stream().sorted().toList()));
            } else if (hostNetwork && name.asText().startsWith("net.")) {
                problems.add(Problem.invalid(path, name, "may not be specified when 'hostNetwork' is true"));
            }
        }
    }

    private void hostPath(JsonNode source, String path) {
        String place = Json.textAt(source, "path");
        if (place.isEmpty()) {
            problems.add(Problem.required(path + ".path", ""));
        } else if (!place.startsWith("/")) {
            problems.add(Problem.invalid(path + ".path", place, "must be an absolute path"));
        } else if (List.of(place.split("/")).contains("..")) {
            problems.add(Problem.invalid(path + ".path", place, "must not contain '..'"));
        }
        if (!HOST_PATH_TYPES.contains(Json.textAt(source, "type"))) {
            problems.add(Problem.unsupported(path + ".type", source.path("type"), HOST_PATH_TYPES));
        }
    }

    private void container(JsonNode container, String path, Set<String> writable, boolean hostNetwork) {
        for (int i = 0; i < container.path("volumeMounts").size(); i++) {
            JsonNode mount = container.path("volumeMounts").get(i);
            if (!Json.textAt(mount, "subPath").isEmpty() && writable.contains(Json.textAt(mount, "name"))) {
                problems.add(Problem.forbidden(
                        path + ".volumeMounts[" + i + "].subPath",
                        "accepted for volumes of these only: %s; a link in another could lead out of it"
                                .formatted(String.join(", ", ContainerPodRules.FILE_VOLUMES))));
            }
        }
        for (int i = 0; i < container.path("ports").size(); i++) {
            JsonNode port = container.path("ports").get(i);
            long host = port.path("hostPort").asLong(0);
            if (hostNetwork && host != 0 && host != port.path("containerPort").asLong()) {
                problems.add(Problem.invalid(
                        path + ".ports[" + i + "].containerPort",
                        port.path("containerPort"),
                        "must match `hostPort` when `hostNetwork` is true"));
            }
        }
        JsonNode security = container.path("securityContext");
        boolean more = security.path("privileged").asBoolean();
        for (JsonNode capability : security.path("capabilities").path("add")) {
            more |= capability.asText().matches("(CAP_)?SYS_ADMIN");
        }
        if (more
                && security.has("allowPrivilegeEscalation")
                && !security.path("allowPrivilegeEscalation").asBoolean()) {
            problems.add(
                    Problem.invalid(
                            path + ".securityContext",
                            security,
                            "cannot set `allowPrivilegeEscalation` to false and `privileged` to true or `capabilities.Add` CAP_SYS_ADMIN"));
        }
    }
}
