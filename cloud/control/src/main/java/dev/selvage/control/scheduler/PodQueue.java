package dev.selvage.control.scheduler;

import dev.selvage.model.ObjectKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Pods that want a node, the highest priority first and of equals the one that came first (upstream's plugin PrioritySort).
 * Those that fit nowhere stand aside until they are called back. Not thread-safe.
 */
final class PodQueue {
    private final TreeSet<Place> ready = new TreeSet<>();
    private final Map<ObjectKey, Place> places = new HashMap<>();
    private long sequence;
    private int choosy;

    private record Place(long sequence, SchedulablePod pod) implements Comparable<Place> {
        private static final Comparator<Place> ORDER = Comparator.comparingInt((Place place) -> place.pod.priority())
                .reversed()
                .thenComparingLong(Place::sequence);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }

        boolean choosy() {
            return !pod.placement().equals(Placement.ANYWHERE);
        }
    }

    /** Lines a pod up as it is now; one that stands in the queue already keeps its place. */
    void add(SchedulablePod pod) {
        Place before = places.get(pod.key());
        remove(pod.key());
        Place place = new Place(before == null ? sequence++ : before.sequence(), pod);
        places.put(pod.key(), place);
        ready.add(place);
        choosy += place.choosy() ? 1 : 0;
    }

    void remove(ObjectKey key) {
        Place place = places.remove(key);
        if (place != null) {
            ready.remove(place);
            choosy -= place.choosy() ? 1 : 0;
        }
    }

    /** The next pod, which then stands aside until it is removed, added or called back; null where nobody is ready. */
    @Nullable
    SchedulablePod next() {
        Place place = ready.pollFirst();
        return place == null ? null : place.pod();
    }

    /** Pods that want a node, ready or not. */
    int size() {
        return places.size();
    }

    boolean hasReady() {
        return !ready.isEmpty();
    }

    /** Whether pods stand aside. */
    boolean hasWaiting() {
        return places.size() > ready.size();
    }

    /** Whether pods stand aside for which it could matter where others went. */
    boolean hasChoosy() {
        return choosy > 0 && hasWaiting();
    }

    /** Calls all back that stand aside. */
    void callBack() {
        ready.addAll(places.values());
    }
}
