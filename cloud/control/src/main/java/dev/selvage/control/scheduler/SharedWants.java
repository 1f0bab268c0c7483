package dev.selvage.control.scheduler;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One copy of what the pods of a template want, rather than one for each pod. The {@value #REMEMBERED} used last are
 * shared. Not thread-safe.
 */
final class SharedWants {
    private static final int REMEMBERED = 4_096;

    private final LinkedHashMap<SchedulablePod.Wants, SchedulablePod.Wants> known =
            new LinkedHashMap<>(64, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<SchedulablePod.Wants, SchedulablePod.Wants> eldest) {
                    return size() > REMEMBERED;
                }
            };

    SchedulablePod share(SchedulablePod pod) {
        SchedulablePod.Wants shared = known.putIfAbsent(pod.wants(), pod.wants());
        return shared == null ? pod : pod.wanting(shared);
    }
}
