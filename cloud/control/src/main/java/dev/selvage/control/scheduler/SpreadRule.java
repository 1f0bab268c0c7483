package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One topology spread constraint (upstream core/v1 TopologySpreadConstraint).
 *
 * @param hard DoNotSchedule, not ScheduleAnyway
 * @param minDomains fewer domains than this count as if there were one without pods
 * @param honorAffinity nodes that the pod's node affinity rules out do not count (upstream's default)
 * @param honorTaints nodes whose taints the pod does not tolerate do not count
 */
record SpreadRule(
        PodGroup group,
        String topologyKey,
        int maxSkew,
        boolean hard,
        int minDomains,
        boolean honorAffinity,
        boolean honorTaints) {

    static List<SpreadRule> all(JsonNode spec, String namespace, Map<String, String> podLabels) {
        List<SpreadRule> rules = new ArrayList<>();
        for (JsonNode each : spec.path("topologySpreadConstraints")) {
            rules.add(new SpreadRule(
                    PodGroup.ofSpread(each, namespace, podLabels),
                    Json.textAt(each, "topologyKey"),
                    each.path("maxSkew").asInt(1),
                    Json.textAt(each, "whenUnsatisfiable").equals("DoNotSchedule"),
                    each.path("minDomains").asInt(1),
                    !Json.textAt(each, "nodeAffinityPolicy").equals("Ignore"),
                    Json.textAt(each, "nodeTaintsPolicy").equals("Honor")));
        }
        return rules;
    }
}
