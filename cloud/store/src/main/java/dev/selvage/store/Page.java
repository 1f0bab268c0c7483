package dev.selvage.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param items ordered by namespace and name
 * @param revision the revision at which every page of the list is true; watch from here
 * @param continueToken null on the last page
 * @param remaining objects after this page; 0 where a selector makes the count unknown (upstream's remainingItemCount)
 */
public record Page(
        List<Stored> items, long revision, @Nullable String continueToken, long remaining) {
    public Page {
        items = List.copyOf(items);
    }
}
