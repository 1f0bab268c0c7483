package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds pods to the levels of their namespace (upstream's admission plugin PodSecurity): refuses pods beyond {@code enforce},
 * warns of pods and of workloads' templates beyond {@code warn}, and tells the audit log of those beyond {@code audit}. A
 * namespace that is made stricter is told which of its pods would not be let in again.
 */
final class PodSecurityAdmission implements Admission {
    /** As upstream: a namespace of more pods is not looked through to its end. */
    static final int MOST_PODS = 3_000;

    private static final int MOST_WARNINGS = 10;
    private static final Logger AUDIT = LoggerFactory.getLogger("audit");

    private final Resources resources;

    PodSecurityAdmission(Resources resources) {
        this.resources = resources;
    }

    @Override
    public void admit(Request request) {
        ObjectNode object = request.object();
        boolean create = request.operation() == Operation.CREATE;
        if (object == null || !(create || request.operation() == Operation.UPDATE)) {
            return;
        }
        if (request.kind().equals(Kinds.NAMESPACE)) {
            namespace(request, object);
        } else if (request.kind().equals(Kinds.POD)) {
            if (create) { // what an update can change has no part in the checks
                pod(request, object.path("spec"), true);
            }
        } else {
            ObjectNode old = request.old();
            JsonNode spec = template(object);
            if (spec.isObject() && (old == null || !spec.equals(template(old)))) {
                pod(request, spec, false);
            }
        }
    }

    /** The PodSpec that a workload makes pods of; missing where the kind has none. */
    private static JsonNode template(JsonNode object) {
        JsonNode spec = object.path("spec");
        JsonNode job = spec.path("jobTemplate").path("spec");
        return (job.isObject() ? job : spec).path("template").path("spec");
    }

    private void pod(Request request, JsonNode spec, boolean enforced) {
        String namespace = request.key().namespace();
        PodSecurityLabels labels = PodSecurityLabels.of(resources
                .get(ObjectKey.cluster(Kinds.NAMESPACE, namespace))
                .map(Stored::parse)
                .map(Meta::labels)
                .orElse(Map.of()));
        List<String> beyond =
                PodSecurityChecks.violations(spec, labels.enforce().level());
        if (enforced && !beyond.isEmpty()) {
            throw new AdmissionDenied(403, words("violates", labels.enforce(), beyond), List.of());
        }
        List<String> audited = PodSecurityChecks.violations(spec, labels.audit().level());
        if (!audited.isEmpty()) {
            AUDIT.info(
                    "user={} resource={} namespace={} name={} pod-security={}",
                    request.user(),
                    request.kind().id(),
                    namespace,
                    request.key().name(),
                    words("would violate", labels.audit(), audited));
        }
        List<String> warned = PodSecurityChecks.violations(spec, labels.warn().level());
        if (!warned.isEmpty()) {
            request.warnings().accept(words("would violate", labels.warn(), warned));
        }
    }

    private static String words(String verb, PodSecurityLabels.Policy policy, List<String> beyond) {
        return verb + " PodSecurity \"" + policy + "\": " + String.join(", ", beyond);
    }

    private void namespace(Request request, ObjectNode namespace) {
        Catalogue.require(PodSecurityLabels.errors(Meta.labels(namespace)));
        PodSecurityLabels.Policy now =
                PodSecurityLabels.of(Meta.labels(namespace)).enforce();
        ObjectNode old = request.old();
        boolean stricter = old != null
                && now.level()
                                .compareTo(PodSecurityLabels.of(Meta.labels(old))
                                        .enforce()
                                        .level())
                        > 0;
        if (stricter) {
            warnOfPods(request, Meta.name(namespace), now);
        }
    }

    /** Upstream: "existing pods in namespace ... violate the new PodSecurity enforce level", one line for each kind of fault. */
    private void warnOfPods(Request request, String name, PodSecurityLabels.Policy policy) {
        Map<String, Integer> others = new LinkedHashMap<>();
        Map<String, String> first = new LinkedHashMap<>();
        for (Stored stored :
                resources.list(Selection.in(Kinds.POD, name), MOST_PODS, null).items()) {
            ObjectNode pod = stored.parse();
            List<String> beyond = PodSecurityChecks.violations(pod.path("spec"), policy.level());
            if (!beyond.isEmpty()) {
                // kinds of faults without their details, as upstream groups them
                String faults = String.join(
                        ", ",
                        beyond.stream()
                                .map(text -> text.substring(0, text.indexOf(" (")))
                                .toList());
                first.putIfAbsent(faults, Json.textAt(pod, "metadata", "name"));
                others.merge(faults, 1, Integer::sum);
            }
        }
        if (!first.isEmpty()) {
            request.warnings()
                    .accept("existing pods in namespace \"" + name + "\" violate the new PodSecurity enforce level \""
                            + policy + "\"");
        }
        first.entrySet().stream().limit(MOST_WARNINGS).forEach(each -> {
            int more = Optional.ofNullable(others.get(each.getKey())).orElse(1) - 1;
            String rest = more == 0 ? "" : more == 1 ? " (and 1 other pod)" : " (and " + more + " other pods)";
            request.warnings().accept(each.getValue() + rest + ": " + each.getKey());
        });
    }
}
