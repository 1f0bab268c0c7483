package dev.selvage.store;

/** What a watch delivers, in revision order. */
public sealed interface WatchEvent {
    /** Created, or began to match the selection. */
    record Added(Stored stored) implements WatchEvent {}

    record Modified(Stored stored) implements WatchEvent {}

    /** Removed, or ceased to match the selection; the object as it is after that, at the revision of the change. */
    record Deleted(Stored stored) implements WatchEvent {}

    /** Everything up to and including this revision has been delivered. */
    record Bookmark(long revision) implements WatchEvent {}

    /** The end: the revision asked for is compacted, or the reader was too slow. List again. */
    record Expired(String reason) implements WatchEvent {}
}
