package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Pod;
import dev.selvage.model.ProcessPodRules;
import java.util.List;
import java.util.Set;

/** A pod names a runtime that exists, and nothing that this runtime does not honour. */
final class PodAdmission implements Admission {
    private static final String PROCESS = "process";
    private static final Set<String> RUNTIMES = Set.of(PROCESS, "container");

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
            Catalogue.require(ProcessPodRules.check(new Pod(pod)));
        }
    }
}
