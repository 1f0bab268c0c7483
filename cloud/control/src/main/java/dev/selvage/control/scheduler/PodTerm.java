package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One term of a pod affinity or anti-affinity (upstream core/v1 PodAffinityTerm).
 *
 * @param weight of a preferred term, below 0 where it repels; 0 for a required one
 */
record PodTerm(PodGroup group, String topologyKey, int weight) {

    /** @param affinity {@code spec.affinity.podAffinity} or {@code podAntiAffinity} */
    static List<PodTerm> required(JsonNode affinity, String namespace, Map<String, String> podLabels) {
        List<PodTerm> terms = new ArrayList<>();
        affinity.path("requiredDuringSchedulingIgnoredDuringExecution")
                .forEach(term -> terms.add(of(term, 0, namespace, podLabels)));
        return terms;
    }

    static List<PodTerm> preferred(JsonNode affinity, int sign, String namespace, Map<String, String> podLabels) {
        List<PodTerm> terms = new ArrayList<>();
        affinity.path("preferredDuringSchedulingIgnoredDuringExecution")
                .forEach(term -> terms.add(of(
                        term.path("podAffinityTerm"), sign * term.path("weight").asInt(0), namespace, podLabels)));
        return terms;
    }

    private static PodTerm of(JsonNode term, int weight, String namespace, Map<String, String> podLabels) {
        return new PodTerm(
                PodGroup.ofAffinityTerm(term, namespace, podLabels), Json.textAt(term, "topologyKey"), weight);
    }
}
