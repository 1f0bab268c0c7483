package dev.selvage.store;

import dev.selvage.model.ObjectKey;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A persistent sorted map of entries by key: a treap whose priorities are hashes of the keys, so that its shape depends on its content only. A
 * change copies the path to the root, about 2 ln n nodes; every older version stays as it is, which makes snapshots free.
 */
record EntryTree(
        Entry entry, @Nullable EntryTree left, @Nullable EntryTree right, int size) {
    private static EntryTree node(Entry entry, @Nullable EntryTree left, @Nullable EntryTree right) {
        return new EntryTree(entry, left, right, 1 + count(left) + count(right));
    }

    static int count(@Nullable EntryTree tree) {
        return tree == null ? 0 : tree.size;
    }

    static @Nullable Entry get(@Nullable EntryTree tree, ObjectKey key) {
        @Nullable EntryTree here = tree;
        while (here != null) {
            int order = key.compareTo(here.entry.key());
            if (order == 0) {
                return here.entry;
            }
            here = order < 0 ? here.left : here.right;
        }
        return null;
    }

    /** How many keys are less than this one. */
    static int before(@Nullable EntryTree tree, ObjectKey key) {
        int less = 0;
        @Nullable EntryTree here = tree;
        while (here != null) {
            if (key.compareTo(here.entry.key()) <= 0) {
                here = here.left;
            } else {
                less += 1 + count(here.left);
                here = here.right;
            }
        }
        return less;
    }

    static EntryTree with(@Nullable EntryTree tree, Entry entry) {
        if (tree == null) {
            return node(entry, null, null);
        }
        int order = entry.key().compareTo(tree.entry.key());
        if (order == 0) {
            return new EntryTree(entry, tree.left, tree.right, tree.size);
        }
        if (order < 0) {
            EntryTree left = with(tree.left, entry);
            return before(left, tree)
                    ? node(left.entry, left.left, node(tree.entry, left.right, tree.right))
                    : node(tree.entry, left, tree.right);
        }
        EntryTree right = with(tree.right, entry);
        return before(right, tree)
                ? node(right.entry, node(tree.entry, tree.left, right.left), right.right)
                : node(tree.entry, tree.left, right);
    }

    static @Nullable EntryTree without(@Nullable EntryTree tree, ObjectKey key) {
        if (tree == null) {
            return null;
        }
        int order = key.compareTo(tree.entry.key());
        if (order == 0) {
            return merge(tree.left, tree.right);
        }
        return order < 0
                ? node(tree.entry, without(tree.left, key), tree.right)
                : node(tree.entry, tree.left, without(tree.right, key));
    }

    /**
     * Visits entries in order from the first key that is not less than {@code from}, until the visitor says false.
     *
     * @return false when the visitor ended it
     */
    static boolean visit(@Nullable EntryTree tree, ObjectKey from, Predicate<Entry> visitor) {
        if (tree == null) {
            return true;
        }
        int order = from.compareTo(tree.entry.key());
        return (order >= 0 || visit(tree.left, from, visitor))
                && (order > 0 || visitor.test(tree.entry))
                && visit(tree.right, from, visitor);
    }

    private static @Nullable EntryTree merge(@Nullable EntryTree left, @Nullable EntryTree right) {
        if (left == null) {
            return right;
        }
        if (right == null) {
            return left;
        }
        return before(left, right)
                ? node(left.entry, left.left, merge(left.right, right))
                : node(right.entry, merge(left, right.left), right.right);
    }

    private static boolean before(EntryTree a, EntryTree b) {
        return priority(a) < priority(b);
    }

    private static int priority(EntryTree tree) {
        int hash = tree.entry.key().hashCode() * 0x9E3779B9;
        hash ^= hash >>> 15;
        hash *= 0x85EBCA6B;
        return hash ^ (hash >>> 13);
    }
}
