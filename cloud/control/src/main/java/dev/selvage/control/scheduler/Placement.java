package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a pod may and would rather run, beyond its nodeSelector ({@code spec.affinity},
 * {@code spec.topologySpreadConstraints}).
 *
 * @param nodes null where any node will do
 * @param attracts required pod affinity
 * @param repels required pod anti-affinity
 * @param inclines preferred pod affinity, and anti-affinity with weights below 0
 */
record Placement(
        @Nullable NodeTerms nodes,
        List<NodeTerms.Term> preferredNodes,
        List<PodTerm> attracts,
        List<PodTerm> repels,
        List<PodTerm> inclines,
        List<SpreadRule> hardSpread,
        List<SpreadRule> softSpread) {

    static final Placement ANYWHERE =
            new Placement(null, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    static Placement of(JsonNode spec, String namespace, Map<String, String> podLabels) {
        JsonNode affinity = spec.path("affinity");
        if (!affinity.isObject() && spec.path("topologySpreadConstraints").isEmpty()) {
            return ANYWHERE;
        }
        JsonNode pods = affinity.path("podAffinity");
        JsonNode antiPods = affinity.path("podAntiAffinity");
        List<PodTerm> inclines = new ArrayList<>(PodTerm.preferred(pods, 1, namespace, podLabels));
        inclines.addAll(PodTerm.preferred(antiPods, -1, namespace, podLabels));
        List<SpreadRule> spread = SpreadRule.all(spec, namespace, podLabels);
        return new Placement(
                NodeTerms.required(affinity.path("nodeAffinity")),
                NodeTerms.preferred(affinity.path("nodeAffinity")),
                PodTerm.required(pods, namespace, podLabels),
                PodTerm.required(antiPods, namespace, podLabels),
                List.copyOf(inclines),
                spread.stream().filter(SpreadRule::hard).toList(),
                spread.stream().filter(rule -> !rule.hard()).toList());
    }
}
