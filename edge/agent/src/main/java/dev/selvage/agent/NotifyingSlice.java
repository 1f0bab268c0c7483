package dev.selvage.agent;

import dev.selvage.session.Held;
import dev.selvage.session.SliceChange;
import dev.selvage.session.SliceStore;
import java.util.List;

/**
 * The slice as the link writes it: once a change is durable, the reconciler hears of it. A session's changes are differences to what its Hello told, so they are
 * taken only while the database is still the one that was asked for that Hello.
 */
final class NotifyingSlice implements SliceStore {
    private final SqliteSlice slice;
    private final Reconciler reconciler;
    private volatile int told;

    NotifyingSlice(SqliteSlice slice, Reconciler reconciler) {
        this.slice = slice;
        this.reconciler = reconciler;
    }

    /** The first that a session asks for its Hello. */
    @Override
    public String incarnation() {
        told = slice.generation();
        return slice.incarnation();
    }

    @Override
    public long revision() {
        return slice.revision();
    }

    @Override
    public List<Held> held() {
        return slice.held();
    }

    @Override
    public boolean whole() {
        return slice.whole();
    }

    @Override
    public void apply(SliceChange change) {
        slice.apply(change, told);
        reconciler.changed(change);
        slice.mark();
    }
}
