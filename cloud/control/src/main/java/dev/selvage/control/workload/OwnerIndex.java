package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Informer;
import dev.selvage.model.ObjectKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one kind by who controls them, as short views: a reconciliation looks at its own only, however many
 * there are. Those without a controller are kept by namespace, for whoever adopts them.
 */
final class OwnerIndex<T extends Owned> {
    private final Function<ObjectNode, T> view;
    private final List<Consumer<T>> listeners = new CopyOnWriteArrayList<>();
    private final Map<ObjectKey, T> all = new HashMap<>();
    private final Map<String, Map<ObjectKey, T>> byController = new HashMap<>();
    private final Map<String, Map<ObjectKey, T>> loose = new HashMap<>();

    OwnerIndex(Informer informer, Function<ObjectNode, T> view) {
        this.view = view;
        informer.listen(this::take);
    }

    /** Hears of each object that came, changed or went, after the index has taken note. */
    void listen(Consumer<T> listener) {
        listeners.add(listener);
    }

    /** What this controller owns. */
    synchronized List<T> of(String controllerUid) {
        return List.copyOf(byController.getOrDefault(controllerUid, Map.of()).values());
    }

    synchronized Optional<T> get(ObjectKey key) {
        return Optional.ofNullable(all.get(key));
    }

    /** What nobody controls. */
    synchronized List<T> loose(String namespace) {
        return List.copyOf(loose.getOrDefault(namespace, Map.of()).values());
    }

    private void take(Change change) {
        @Nullable T now = change.object().map(view).orElse(null);
        @Nullable T before = replace(change.key(), now);
        if (before != null && (now == null || !now.controllerUid().equals(before.controllerUid()))) {
            tell(before);
        }
        if (now != null) {
            tell(now);
        }
    }

    private void tell(T object) {
        listeners.forEach(listener -> listener.accept(object));
    }

    private synchronized @Nullable T replace(ObjectKey key, @Nullable T now) {
        @Nullable T before = now == null ? all.remove(key) : all.put(key, now);
        if (before != null) {
            place(before).computeIfPresent(home(before), (home, objects) -> {
                objects.remove(key);
                return objects.isEmpty() ? null : objects;
            });
        }
        if (now != null) {
            place(now).computeIfAbsent(home(now), home -> new HashMap<>()).put(key, now);
        }
        return before;
    }

    private Map<String, Map<ObjectKey, T>> place(T object) {
        return object.controllerUid().isEmpty() ? loose : byController;
    }

    private String home(T object) {
        return object.controllerUid().isEmpty() ? object.key().namespace() : object.controllerUid();
    }
}
