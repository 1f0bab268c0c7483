package dev.selvage.control.namespace;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Meta;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a namespace still holds, in upstream's conditions and words. */
final class Leftovers {
    private final Map<String, Integer> kinds = new TreeMap<>();
    private final Map<String, Integer> finalizers = new TreeMap<>();

    void add(Kind kind, ObjectNode object) {
        kinds.merge(kind.id(), 1, Integer::sum);
        Meta.finalizers(object).forEach(name -> finalizers.merge(name, 1, Integer::sum));
    }

    boolean none() {
        return kinds.isEmpty();
    }

    /** Sets phase and conditions; returns whether anything changed. */
    boolean describe(ObjectNode namespace, Instant now) {
        boolean changed = !Json.textAt(namespace, "status", "phase").equals("Terminating");
        Json.child(namespace, "status").put("phase", "Terminating");
        changed |= kinds.isEmpty()
                ? Conditions.set(
                        namespace,
                        "NamespaceContentRemaining",
                        "False",
                        "ContentRemoved",
                        "All content successfully removed",
                        now)
                : Conditions.set(
                        namespace,
                        "NamespaceContentRemaining",
                        "True",
                        "SomeResourcesRemain",
                        "Some resources are remaining: " + words(kinds, " has "),
                        now);
        changed |= finalizers.isEmpty()
                ? Conditions.set(
                        namespace,
                        "NamespaceFinalizersRemaining",
                        "False",
                        "ContentHasNoFinalizers",
                        "All content-preserving finalizers finished",
                        now)
                : Conditions.set(
                        namespace,
                        "NamespaceFinalizersRemaining",
                        "True",
                        "SomeFinalizersRemain",
                        "Some content in the namespace has finalizers remaining: " + words(finalizers, " in "),
                        now);
        return changed;
    }

    private static String words(Map<String, Integer> counts, String between) {
        return counts.entrySet().stream()
                .map(entry -> entry.getKey() + between + entry.getValue() + " resource instances")
                .collect(Collectors.joining(", "));
    }
}
