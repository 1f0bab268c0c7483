package dev.selvage.control.gc;

import dev.selvage.control.gc.Action.Delete;
import dev.selvage.control.gc.Action.DropOwners;
import dev.selvage.control.gc.Action.RemoveFinalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Objects and who owns them, and what has to be done for one of them: upstream's garbage collector (Kubernetes docs,
 * "Garbage Collection", cascading deletion) as a pure decision. Cycles need no special care in the background, where
 * each deletion stands alone; in the foreground a dependent that itself waits for its owner does not block it.
 */
final class Graph {
    private final Map<String, Entry> entries = new HashMap<>();
    private final Map<String, Set<String>> dependents = new HashMap<>();

    synchronized void put(Entry entry) {
        remove(entry.uid());
        entries.put(entry.uid(), entry);
        for (Owner owner : entry.owners()) {
            dependents
                    .computeIfAbsent(owner.uid(), uid -> new LinkedHashSet<>())
                    .add(entry.uid());
        }
    }

    synchronized void remove(String uid) {
        Entry entry = entries.remove(uid);
        if (entry == null) {
            return;
        }
        for (Owner owner : entry.owners()) {
            Set<String> set = dependents.get(owner.uid());
            if (set != null && set.remove(uid) && set.isEmpty()) {
                dependents.remove(owner.uid());
            }
        }
    }

    synchronized Optional<Entry> get(String uid) {
        return Optional.ofNullable(entries.get(uid));
    }

    synchronized List<String> dependents(String uid) {
        return List.copyOf(dependents.getOrDefault(uid, Set.of()));
    }

    /** What is to be done for this object now; its own deletion, or its dependents' where it waits for them. */
    synchronized List<Action> decide(String uid) {
        Entry entry = entries.get(uid);
        if (entry == null) {
            return List.of();
        }
        if (entry.orphaningDependents()) {
            return orphan(entry);
        }
        if (entry.deletingDependents()) {
            return foreground(entry);
        }
        return entry.deleting() || entry.owners().isEmpty() ? List.of() : owned(entry);
    }

    private List<Action> orphan(Entry owner) {
        List<Action> actions = new ArrayList<>();
        for (Entry dependent : dependentEntries(owner)) {
            actions.add(new DropOwners(dependent.key(), dependent.uid(), Set.of(owner.uid()), Set.of()));
        }
        if (actions.isEmpty()) {
            actions.add(new RemoveFinalizer(owner.key(), owner.uid(), Entry.ORPHAN));
        }
        return actions;
    }

    private List<Action> foreground(Entry owner) {
        List<Action> actions = new ArrayList<>();
        boolean blocked = false;
        for (Entry dependent : dependentEntries(owner)) {
            if (!dependent.deleting()) {
                actions.addAll(owned(dependent));
            }
            blocked |= dependent.blocks(owner.uid()) && !waitsFor(dependent, owner, new HashSet<>());
        }
        if (!blocked) {
            actions.add(new RemoveFinalizer(owner.key(), owner.uid(), Entry.FOREGROUND));
        }
        return actions;
    }

    /** Whether {@code entry} is deleted in the foreground and waits, directly or through others, for {@code other}. */
    private boolean waitsFor(Entry entry, Entry other, Set<String> seen) {
        if (!entry.deletingDependents() || !seen.add(entry.uid())) {
            return false;
        }
        for (Entry dependent : dependentEntries(entry)) {
            boolean direct = dependent.uid().equals(other.uid());
            if (dependent.blocks(entry.uid()) && (direct || waitsFor(dependent, other, seen))) {
                return true;
            }
        }
        return false;
    }

    /** An object that names owners: kept for one that is there, deleted when none is. */
    private List<Action> owned(Entry entry) {
        boolean solid = false;
        boolean waiting = false;
        Set<String> gone = new LinkedHashSet<>();
        Set<Owner> suspects = new LinkedHashSet<>();
        for (Owner owner : entry.owners()) {
            Entry known = entries.get(owner.uid());
            if (known == null && owner.key().isPresent()) {
                gone.add(owner.uid());
                suspects.add(owner);
            } else if (known != null && known.deletingDependents()) {
                waiting = true;
                gone.add(owner.uid());
            } else {
                solid = true;
            }
        }
        if (solid) {
            return gone.isEmpty() ? List.of() : List.of(new DropOwners(entry.key(), entry.uid(), gone, suspects));
        }
        boolean foreground =
                entry.foreground() || (waiting && !dependents(entry.uid()).isEmpty());
        return List.of(new Delete(entry.key(), entry.uid(), foreground, suspects));
    }

    private List<Entry> dependentEntries(Entry owner) {
        List<Entry> list = new ArrayList<>();
        for (String uid : dependents.getOrDefault(owner.uid(), Set.of())) {
            Entry entry = entries.get(uid);
            if (entry != null) {
                list.add(entry);
            }
        }
        return list;
    }
}
