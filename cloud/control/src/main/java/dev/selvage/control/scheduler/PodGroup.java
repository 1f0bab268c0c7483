package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.LabelSelector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pods that a rule is about: those of some namespaces whose labels match.
 *
 * @param namespaces by name; beside them those that {@code namespaceSelector} selects, where there is one
 * @param selector null selects nothing (upstream: a nil LabelSelector)
 */
record PodGroup(
        Set<String> namespaces,
        @Nullable LabelSelector namespaceSelector,
        @Nullable LabelSelector selector) {
    PodGroup {
        namespaces = Set.copyOf(namespaces);
    }

    /** @param namespaceLabels labels of each namespace */
    boolean contains(SchedulablePod pod, Map<String, Map<String, String>> namespaceLabels) {
        return selector != null
                && (namespaces.contains(pod.key().namespace())
                        || (namespaceSelector != null
                                && namespaceSelector.matches(
                                        namespaceLabels.getOrDefault(pod.key().namespace(), Map.of()))))
                && selector.matches(pod.labels());
    }

    /** Of a PodAffinityTerm: names no namespace at all where it means the pod's own. */
    static PodGroup ofAffinityTerm(JsonNode term, String namespace, Map<String, String> podLabels) {
        Set<String> namespaces = new HashSet<>();
        term.path("namespaces").forEach(name -> namespaces.add(name.asText()));
        JsonNode selector = term.path("namespaceSelector");
        if (namespaces.isEmpty() && !selector.isObject()) {
            namespaces.add(namespace);
        }
        return new PodGroup(
                namespaces, selector.isObject() ? LabelSelector.fromJson(selector) : null, selector(term, podLabels));
    }

    /** Of a topology spread constraint, which counts pods of the pod's own namespace. */
    static PodGroup ofSpread(JsonNode constraint, String namespace, Map<String, String> podLabels) {
        return new PodGroup(Set.of(namespace), null, selector(constraint, podLabels));
    }

    /** The label selector with what matchLabelKeys and mismatchLabelKeys take from the pod's own labels. */
    private static @Nullable LabelSelector selector(JsonNode rule, Map<String, String> podLabels) {
        if (!rule.path("labelSelector").isObject()) {
            return null;
        }
        LabelSelector selector = LabelSelector.fromJson(rule.path("labelSelector"));
        List<LabelSelector.Requirement> all = new ArrayList<>(selector.requirements());
        own(rule.path("matchLabelKeys"), LabelSelector.Operator.IN, podLabels, all);
        own(rule.path("mismatchLabelKeys"), LabelSelector.Operator.NOT_IN, podLabels, all);
        return new LabelSelector(all);
    }

    private static void own(
            JsonNode keys,
            LabelSelector.Operator operator,
            Map<String, String> podLabels,
            List<LabelSelector.Requirement> all) {
        for (JsonNode key : keys) {
            String value = podLabels.get(key.asText());
            if (value != null) {
                all.add(new LabelSelector.Requirement(key.asText(), operator, List.of(value)));
            }
        }
    }
}
