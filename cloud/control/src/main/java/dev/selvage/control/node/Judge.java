package dev.selvage.control.node;

import dev.selvage.control.node.Verdict.Freeze;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges who can be reached, from the ages of heartbeats. It holds back where the silence may be the centre's own: after
 * a start, after an outage of the database, and when most nodes fall silent together (design, "Store": mass expiry).
 * Return is believed at once. Time is passed in (nanoseconds of {@link System#nanoTime}), so that tests own the clock.
 */
final class Judge {
    private final NodeTiming timing;
    private final Map<String, Long> firstSeen = new HashMap<>();
    private final Map<String, Long> marked = new HashMap<>();
    private long graceUntil;
    private long lastLook;
    private String graceReason = "the centre has just started";
    private @Nullable Long massSince;

    Judge(NodeTiming timing, long now) {
        this.timing = timing;
        this.lastLook = now;
        this.graceUntil = now + timing.grace().toNanos();
    }

    /** A look at the heartbeats failed: whatever is old now may be so because nobody could write. */
    void outage(long now) {
        graceReason = "the database could not be reached";
        graceUntil = now + timing.grace().toNanos();
        massSince = null;
        lastLook = now;
    }

    /**
     * @param nodes all nodes, by name
     * @param unreachable those of them that carry a mark of being unreachable
     * @param ages of the last heartbeats; absent for a node that never sent one
     */
    Verdict judge(long now, Collection<String> nodes, Set<String> unreachable, Map<String, Duration> ages) {
        if (now - lastLook > timing.outageGap().toNanos()) {
            outage(now);
        }
        lastLook = now;
        firstSeen.keySet().retainAll(new HashSet<>(nodes));
        marked.keySet().retainAll(unreachable);
        List<String> lost = new ArrayList<>();
        List<String> silent = new ArrayList<>();
        List<String> returned = new ArrayList<>();
        for (String node : nodes) {
            firstSeen.putIfAbsent(node, now);
            Duration age = ages.get(node);
            boolean old = age != null && age.compareTo(timing.unreachableAfter()) > 0;
            if (unreachable.contains(node)) {
                if (age != null && !old) {
                    returned.add(node);
                }
            } else if (old) {
                lost.add(node);
            } else if (age == null
                    && now - firstSeen.getOrDefault(node, now)
                            > timing.unreachableAfter().toNanos()) {
                silent.add(node);
            }
        }
        Optional<Freeze> frozen = lost.isEmpty() && silent.isEmpty() && massSince == null
                ? Optional.empty()
                : freeze(now, nodes, unreachable, ages);
        if (frozen.isPresent()) {
            return new Verdict(List.of(), List.of(), returned, frozen);
        }
        lost.forEach(node -> marked.put(node, now));
        return new Verdict(lost, silent, returned, Optional.empty());
    }

    private Optional<Freeze> freeze(
            long now, Collection<String> nodes, Set<String> unreachable, Map<String, Duration> ages) {
        if (now < graceUntil) {
            return Optional.of(new Freeze(
                    false,
                    graceReason + ": nodes are not judged for "
                            + Duration.ofNanos(graceUntil - now).toSeconds() + " s"));
        }
        int linked = 0;
        int late = 0;
        for (String node : nodes) {
            Duration age = ages.get(node);
            if (age != null && (!unreachable.contains(node) || markedLately(node, now))) {
                linked++;
                late += age.compareTo(timing.lateAfter()) > 0 ? 1 : 0;
            }
        }
        if (linked < 3 || late * 2 <= linked) {
            massSince = null;
            return Optional.empty();
        }
        long since = massSince == null ? now : massSince;
        massSince = since;
        if (now - since >= timing.massFreeze().toNanos()) {
            return Optional.empty();
        }
        return Optional.of(new Freeze(
                true, late + " of " + linked + " nodes fell silent together: the cause may be the centre's own"));
    }

    /** Marked so lately that it may belong to the same wave. */
    private boolean markedLately(String node, long now) {
        Long at = marked.get(node);
        return at != null && now - at < timing.unreachableAfter().toNanos();
    }
}
