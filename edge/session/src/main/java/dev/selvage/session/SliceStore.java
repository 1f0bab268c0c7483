package dev.selvage.session;

import java.util.List;

/** The node's durable copy of its slice. Called by one thread at a time. */
public interface SliceStore {
    /** Incarnation of the store that the slice came from; empty before the first change. */
    String incarnation();

    /** Highest revision that the slice reflects; 0 before the first change. */
    long revision();

    List<Held> held();

    /** False when objects may be missing in {@link #held} although nobody deleted them: the hub then says when all of them have come. */
    default boolean whole() {
        return true;
    }

    /** Durable when it returns. An exception ends the connection, and the hub sends the difference again. */
    void apply(SliceChange change);
}
