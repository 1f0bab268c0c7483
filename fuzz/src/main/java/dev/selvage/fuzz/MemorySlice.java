package dev.selvage.fuzz;

import dev.selvage.model.Json;
import dev.selvage.session.Held;
import dev.selvage.session.SessionListener;
import dev.selvage.session.SliceChange;
import dev.selvage.session.SliceStore;
import java.util.List;

/** A slice that reads what it is given, as the node's database does, and keeps none of it. */
final class MemorySlice implements SliceStore, SessionListener {
    private volatile String incarnation = "";
    private volatile long revision;

    @Override
    public String incarnation() {
        return incarnation;
    }

    @Override
    public long revision() {
        return revision;
    }

    @Override
    public List<Held> held() {
        return List.of();
    }

    @Override
    public void apply(SliceChange change) {
        change.puts().forEach(put -> Json.parseObject(put.json()));
        incarnation = change.incarnation();
        revision = change.revision();
    }
}
