package dev.selvage.store;

import dev.selvage.model.ObjectKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Every object at one revision; immutable.
 *
 * @param incarnation of the store that this is a state of: revisions of another one say nothing about this
 * @param changed revision of the latest change by resource, so that a snapshot can stand for an older one in which a resource was the same
 */
record Snapshot(long revision, String incarnation, Map<String, EntryTree> trees, Map<String, Long> changed) {
    static final Snapshot EMPTY = new Snapshot(0, "", Map.of(), Map.of());

    Optional<Entry> get(ObjectKey key) {
        return Optional.ofNullable(EntryTree.get(trees.get(key.resource()), key));
    }

    /** In key order from {@code from} on; the resource of {@code from} only. */
    void visit(ObjectKey from, Predicate<Entry> visitor) {
        EntryTree.visit(trees.get(from.resource()), from, visitor);
    }

    int count(String resource) {
        return EntryTree.count(trees.get(resource));
    }

    /**
     * How many objects there are from {@code from} on, without visiting them.
     *
     * @param namespace that of {@code from}, in which they end; null for all
     */
    int count(ObjectKey from, @Nullable String namespace) {
        @Nullable EntryTree tree = trees.get(from.resource());
        int end = namespace == null
                ? EntryTree.count(tree)
                : EntryTree.before(tree, new ObjectKey(from.resource(), namespace + "\0", ""));
        return end - EntryTree.before(tree, from);
    }

    boolean sameSince(long earlier, String resource) {
        return earlier <= revision && changed.getOrDefault(resource, 0L) <= earlier;
    }

    Snapshot with(Iterable<Change> changes) {
        Map<String, EntryTree> nextTrees = new HashMap<>(trees);
        Map<String, Long> nextChanged = new HashMap<>(changed);
        long next = revision;
        for (Change change : changes) {
            String resource = change.after().key().resource();
            @Nullable EntryTree tree = nextTrees.get(resource);
            @Nullable
            EntryTree result = change.op() == Change.Op.DELETE
                    ? EntryTree.without(tree, change.after().key())
                    : EntryTree.with(tree, change.after());
            if (result == null) {
                nextTrees.remove(resource);
            } else {
                nextTrees.put(resource, result);
            }
            nextChanged.put(resource, change.revision());
            next = change.revision();
        }
        return new Snapshot(next, incarnation, nextTrees, nextChanged);
    }
}
