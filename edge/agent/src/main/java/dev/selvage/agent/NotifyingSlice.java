package dev.selvage.agent;

import dev.selvage.session.Held;
import dev.selvage.session.SliceChange;
import dev.selvage.session.SliceStore;
import java.util.List;

/** The slice as the link writes it: once a change is durable, the reconciler hears of it. */
record NotifyingSlice(SqliteSlice slice, Reconciler reconciler) implements SliceStore {
    @Override
    public String incarnation() {
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
    public void apply(SliceChange change) {
        slice.apply(change);
        reconciler.changed(change);
    }
}
