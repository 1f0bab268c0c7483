package dev.selvage.control.admission;

import static dev.selvage.control.admission.PodSecurityChecks.added;
import static dev.selvage.control.admission.PodSecurityChecks.named;
import static dev.selvage.control.admission.PodSecurityChecks.names;
import static dev.selvage.control.admission.PodSecurityChecks.quoted;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the level restricted asks beyond baseline (k8s.io/pod-security-admission/policy), in upstream's order and words. */
final class RestrictedChecks {
    private final JsonNode spec;
    private final List<JsonNode> containers;
    private final Set<String> volumeTypes;
    private final List<String> found;

    RestrictedChecks(JsonNode spec, List<JsonNode> containers, Set<String> volumeTypes, List<String> found) {
        this.spec = spec;
        this.containers = containers;
        this.volumeTypes = volumeTypes;
        this.found = found;
    }

    void run() {
        List<String> escalating = names(
                containers,
                container -> !Json.at(container, "securityContext", "allowPrivilegeEscalation")
                                .isBoolean()
                        || Json.at(container, "securityContext", "allowPrivilegeEscalation")
                                .asBoolean());
        if (!escalating.isEmpty()) {
            found.add("allowPrivilegeEscalation != false (" + named("container", escalating)
                    + " must set securityContext.allowPrivilegeEscalation=false)");
        }
        capabilities();
        volumes();
        nonRoot();
        rootUser();
        seccomp();
    }

    private void capabilities() {
        List<String> details = new ArrayList<>();
        List<String> keeping = names(containers, container -> {
            for (JsonNode dropped : Json.at(container, "securityContext", "capabilities", "drop")) {
                if (dropped.asText().equals("ALL")) {
                    return false;
                }
            }
            return true;
        });
        if (!keeping.isEmpty()) {
            details.add(named("container", keeping) + " must set securityContext.capabilities.drop=[\"ALL\"]");
        }
        Set<String> capabilities = new LinkedHashSet<>();
        List<String> adding = names(containers, container -> {
            List<String> forbidden = added(container, Set.of("NET_BIND_SERVICE"));
            capabilities.addAll(forbidden);
            return !forbidden.isEmpty();
        });
        if (!adding.isEmpty()) {
            details.add(named("container", adding) + " must not include " + quoted(capabilities)
                    + " in securityContext.capabilities.add");
        }
        if (!details.isEmpty()) {
            found.add("unrestricted capabilities (" + String.join("; ", details) + ")");
        }
    }

    private void volumes() {
        List<String> who = new ArrayList<>();
        Set<String> types = new LinkedHashSet<>();
        for (JsonNode volume : spec.path("volumes")) {
            for (var field : volume.properties()) {
                if (!volumeTypes.contains(field.getKey())) {
                    who.add(Json.textAt(volume, "name"));
                    types.add(field.getKey());
                }
            }
        }
        if (!who.isEmpty()) {
            found.add("restricted volume types (" + named("volume", who) + (who.size() == 1 ? " uses " : " use ")
                    + "restricted volume type" + (types.size() == 1 ? " " : "s ") + quoted(types) + ")");
        }
    }

    private void nonRoot() {
        JsonNode pod = Json.at(spec, "securityContext", "runAsNonRoot");
        List<String> details = new ArrayList<>();
        if (pod.isBoolean() && !pod.asBoolean()) {
            details.add("pod must not set securityContext.runAsNonRoot=false");
        }
        List<String> saying = names(containers, container -> {
            JsonNode own = Json.at(container, "securityContext", "runAsNonRoot");
            return own.isBoolean() && !own.asBoolean();
        });
        if (!saying.isEmpty()) {
            details.add(named("container", saying) + " must not set securityContext.runAsNonRoot=false");
        }
        List<String> silent = pod.isBoolean()
                ? List.of()
                : names(
                        containers,
                        container -> !Json.at(container, "securityContext", "runAsNonRoot")
                                .isBoolean());
        if (details.isEmpty() && !silent.isEmpty()) {
            details.add("pod or " + named("container", silent) + " must set securityContext.runAsNonRoot=true");
        }
        if (!details.isEmpty()) {
            found.add("runAsNonRoot != true (" + String.join("; ", details) + ")");
        }
    }

    private void rootUser() {
        List<String> details = new ArrayList<>();
        if (isRoot(spec)) {
            details.add("pod");
        }
        List<String> who = names(containers, RestrictedChecks::isRoot);
        if (!who.isEmpty()) {
            details.add(named("container", who));
        }
        if (!details.isEmpty()) {
            found.add("runAsUser=0 (" + String.join(" and ", details) + " must not set runAsUser=0)");
        }
    }

    private static boolean isRoot(JsonNode holder) {
        JsonNode user = Json.at(holder, "securityContext", "runAsUser");
        return user.isNumber() && user.asLong() == 0;
    }

    private void seccomp() {
        List<String> details = new ArrayList<>();
        String podProfile = profile(spec);
        String allowed = "\"RuntimeDefault\" or \"Localhost\"";
        if (!podProfile.isEmpty() && !confines(podProfile)) {
            details.add("pod must not set securityContext.seccompProfile.type to \"" + podProfile + "\"");
        }
        List<String> wrong =
                names(containers, container -> !profile(container).isEmpty() && !confines(profile(container)));
        if (!wrong.isEmpty()) {
            details.add(
                    named("container", wrong) + " must not set securityContext.seccompProfile.type to \"Unconfined\"");
        }
        List<String> silent = podProfile.isEmpty()
                ? names(containers, container -> profile(container).isEmpty())
                : List.of();
        if (details.isEmpty() && !silent.isEmpty()) {
            details.add("pod or " + named("container", silent) + " must set securityContext.seccompProfile.type to "
                    + allowed);
        }
        if (!details.isEmpty()) {
            found.add("seccompProfile (" + String.join("; ", details) + ")");
        }
    }

    private static String profile(JsonNode holder) {
        return Json.textAt(holder, "securityContext", "seccompProfile", "type");
    }

    private static boolean confines(String profile) {
        return profile.equals("RuntimeDefault") || profile.equals("Localhost");
    }
}
