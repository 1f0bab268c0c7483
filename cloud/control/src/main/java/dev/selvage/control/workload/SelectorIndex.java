package dev.selvage.control.workload;

import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Informer;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.ObjectKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The workloads of one kind with their selectors, read once each, for whoever looks who might adopt an object. */
final class SelectorIndex {
    private final Kind kind;
    private final Map<String, Map<ObjectKey, LabelSelector>> byNamespace = new HashMap<>();

    SelectorIndex(Kind kind, Informer workloads) {
        this.kind = kind;
        workloads.listen(this::take);
    }

    /** Whom a change of the object concerns: its owner, where that is of this kind; of an object that nobody owns, those that might adopt it. */
    List<ObjectKey> concerned(Owned object) {
        String namespace = object.key().namespace();
        return object.controller()
                .map(owner -> owner.kind().equals(kind.kind())
                        ? List.of(ObjectKey.of(kind, namespace, owner.name()))
                        : List.<ObjectKey>of())
                .orElseGet(() -> matching(namespace, object.labels()));
    }

    /** Those that select an object with these labels. */
    private synchronized List<ObjectKey> matching(String namespace, Map<String, String> labels) {
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
