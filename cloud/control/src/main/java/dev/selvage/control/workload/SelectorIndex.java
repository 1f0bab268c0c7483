package dev.selvage.control.workload;

import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Informer;
import dev.selvage.model.Json;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.ObjectKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The workloads of one kind with their selectors, read once each, for whoever looks who might adopt an object. */
final class SelectorIndex {
    private final Map<String, Map<ObjectKey, LabelSelector>> byNamespace = new HashMap<>();

    SelectorIndex(Informer workloads) {
        workloads.listen(this::take);
    }

    /** Those that select an object with these labels. */
    synchronized List<ObjectKey> matching(String namespace, Map<String, String> labels) {
        return labels.isEmpty()
                ? List.of()
                : byNamespace.getOrDefault(namespace, Map.of()).entrySet().stream()
                        .filter(workload -> workload.getValue().matches(labels))
                        .map(Map.Entry::getKey)
                        .toList();
    }

    private synchronized void take(Change change) {
        String namespace = change.key().namespace();
        change.object()
                .ifPresentOrElse(
                        workload -> byNamespace
                                .computeIfAbsent(namespace, name -> new HashMap<>())
                                .put(change.key(), LabelSelector.fromJson(Json.at(workload, "spec", "selector"))),
                        () -> byNamespace.computeIfPresent(namespace, (name, workloads) -> {
                            workloads.remove(change.key());
                            return workloads.isEmpty() ? null : workloads;
                        }));
    }
}
