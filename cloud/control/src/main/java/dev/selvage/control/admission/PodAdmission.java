package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Pod;
import dev.selvage.model.ProcessPodRules;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A pod names a runtime that exists, and the namespace allows it: the process runtime shares the host's kernel and files
 * and counts as privileged (upstream: Pod Security Standards).
 */
final class PodAdmission implements Admission {
    private static final String LEVEL = "pod-security.kubernetes.io/enforce";
    private static final String PROCESS = "process";
    private static final Set<String> RUNTIMES = Set.of(PROCESS, "container");
    private static final Set<String> STRICT = Set.of("baseline", "restricted");

    private final Resources resources;

    PodAdmission(Resources resources) {
        this.resources = resources;
    }

    @Override
    public void admit(Request request) {
        ObjectNode pod = request.object();
        if (!request.kind().equals(Kinds.POD) || request.operation() != Operation.CREATE || pod == null) {
            return;
        }
        String runtime = Json.textAt(pod, "spec", "runtimeClassName");
        if (!runtime.isEmpty() && !RUNTIMES.contains(runtime)) {
            Catalogue.require(List.of(new FieldError(
                    "spec.runtimeClassName",
                    runtime,
                    "the process runtime is \"process\", containers are \"container\"")));
        }
        if (runtime.equals(PROCESS)) {
            requirePrivileged(request.key().namespace());
            Catalogue.require(ProcessPodRules.check(new Pod(pod)));
        }
    }

    private void requirePrivileged(String namespace) {
        Map<String, String> labels = resources
                .get(ObjectKey.cluster(Kinds.NAMESPACE, namespace))
                .map(Stored::parse)
                .map(Meta::labels)
                .orElse(Map.of());
        String level = labels.getOrDefault(LEVEL, "privileged");
        if (STRICT.contains(level)) {
            throw new AdmissionDenied(
                    403,
                    "violates PodSecurity \"" + level
                            + ":latest\": runtimeClassName \"process\" counts as privileged; namespace " + namespace
                            + " accepts it with label " + LEVEL + ": privileged",
                    List.of());
        }
    }
}
