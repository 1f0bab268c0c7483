package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Terms over nodes (upstream core/v1 NodeSelectorTerm): a node must meet all requirements of one term. A term without
 * requirements is met by no node.
 */
public record NodeTerms(List<Term> terms) {
    /** @param weight of a preferred term; 0 for a required one */
    public record Term(int weight, List<Requirement> requirements) {
        public Term {
            requirements = List.copyOf(requirements);
        }

        boolean matches(Node node) {
            if (requirements.isEmpty()) {
                return false;
            }
            for (Requirement requirement : requirements) {
                if (!requirement.matches(node)) {
                    return false;
                }
            }
            return true;
        }
    }

    /** @param field whether {@code key} names a field, of which there is metadata.name alone, and not a label */
    public record Requirement(boolean field, String key, String operator, Set<String> values) {
        public Requirement {
            values = Set.copyOf(values);
        }

        boolean matches(Node node) {
            @Nullable String value = !field ? node.labels().get(key) : key.equals("metadata.name") ? node.name() : null;
            return switch (operator) {
                case "In" -> value != null && values.contains(value);
                case "NotIn" -> value == null || !values.contains(value);
                case "Exists" -> value != null;
                case "DoesNotExist" -> value == null;
                case "Gt" -> value != null && compares(value, true);
                case "Lt" -> value != null && compares(value, false);
                default -> false;
            };
        }

        /** Whole numbers on both sides, or no match. */
        private boolean compares(String value, boolean greater) {
            try {
                long left = Long.parseLong(value);
                long right = Long.parseLong(values.iterator().next());
                return values.size() == 1 && (greater ? left > right : left < right);
            } catch (NumberFormatException e) {
                return false;
            }
        }
    }

    public NodeTerms {
        terms = List.copyOf(terms);
    }

    /** {@code requiredDuringSchedulingIgnoredDuringExecution} of a node affinity; null where there is none. */
    public static @Nullable NodeTerms required(JsonNode nodeAffinity) {
        JsonNode selector = nodeAffinity.path("requiredDuringSchedulingIgnoredDuringExecution");
        if (!selector.isObject()) {
            return null;
        }
        List<Term> terms = new ArrayList<>();
        selector.path("nodeSelectorTerms").forEach(term -> terms.add(term(0, term)));
        return new NodeTerms(terms);
    }

    static List<Term> preferred(JsonNode nodeAffinity) {
        List<Term> terms = new ArrayList<>();
        nodeAffinity
                .path("preferredDuringSchedulingIgnoredDuringExecution")
                .forEach(term -> terms.add(term(term.path("weight").asInt(0), term.path("preference"))));
        return terms;
    }

    public boolean matches(Node node) {
        for (Term term : terms) {
            if (term.matches(node)) {
                return true;
            }
        }
        return false;
    }

    private static Term term(int weight, JsonNode term) {
        List<Requirement> requirements = new ArrayList<>();
        for (Map.Entry<String, Boolean> list :
                Map.of("matchExpressions", false, "matchFields", true).entrySet()) {
            for (JsonNode each : term.path(list.getKey())) {
                Set<String> values = new HashSet<>();
                each.path("values").forEach(value -> values.add(value.asText()));
                requirements.add(new Requirement(
                        list.getValue(), Json.textAt(each, "key"), Json.textAt(each, "operator"), values));
            }
        }
        return new Term(weight, requirements);
    }
}
