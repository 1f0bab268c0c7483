package dev.selvage.control.scheduler;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Pods that fit nowhere, by what they want, until the cluster changes: a thousand replicas of one template that wait are judged
 * once. Not thread-safe.
 */
final class Refused {
    private static final int REMEMBERED = 256;

    private final LinkedHashMap<Kind, Choice> known = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, Choice> eldest) {
            return size() > REMEMBERED;
        }
    };

    private record Kind(String namespace, int priority, SchedulablePod.Wants wants) {
        static Kind of(SchedulablePod pod) {
            return new Kind(pod.key().namespace(), pod.priority(), pod.wants());
        }
    }

    @Nullable
    Choice find(SchedulablePod pod) {
        return known.isEmpty() || !pod.nominatedNode().isEmpty() ? null : known.get(Kind.of(pod));
    }

    /** Who would have others removed is judged each time: the next one would find the same victims. */
    void remember(SchedulablePod pod, Choice choice) {
        if (choice instanceof Choice.Nowhere && pod.nominatedNode().isEmpty()) {
            known.put(Kind.of(pod), choice);
        }
    }

    void clear() {
        if (!known.isEmpty()) {
            known.clear();
        }
    }
}
