package dev.selvage.streams;

import dev.selvage.model.DeviceReading;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.Sink;
import dev.selvage.model.plan.Window;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One running stream. Every method takes the run's own lock: streams do not wait for each other. */
final class StreamRun {
    /** Which stream, in which form: another plan is another run. */
    record Identity(String namespace, String name, String uid, long planHash) {
        String source() {
            return "stream/" + name;
        }

        ObjectKey key() {
            return ObjectKey.of(dev.selvage.model.Kinds.STREAM, namespace, name);
        }
    }

    private final Identity identity;
    private final Query query;
    private final Keys keys;
    private final Outlet outlet;
    private final Emitted emitted;
    private final @Nullable Windows windows;
    private final Frame input;
    private final Frame output;
    private long readings;
    private long keysRefused;
    private boolean changed;
    private long joinsAtCheckpoint;
    private boolean released;
    private boolean offeredAll = true;
    private boolean ended;

    StreamRun(Identity identity, Plan plan, StreamsConfig config, Emitted emitted, PropertyWriter properties) {
        this.identity = identity;
        this.emitted = emitted;
        query = new Query(plan);
        keys = new Keys(plan.selector(), config.maxKeys(), plan.values().size());
        outlet = new Outlet(query, identity, config, properties);
        input = query.inputFrame();
        output = query.outputFrame();
        Window window = plan.window();
        Layout layout = query.layout;
        windows = window == null || layout == null ? null : new Windows(window, layout, config, emitted, this::closed);
    }

    /** How far apart window ends of a plan may be and still be neighbours. */
    static Emitted emitted(Plan plan, StreamsConfig config) {
        long size = plan.window() == null ? 0 : plan.window().sizeMillis();
        return new Emitted(Math.max(config.lookAhead().toMillis(), 2 * size));
    }

    synchronized void accept(DeviceReading reading) {
        if (ended) {
            return;
        }
        readings++;
        Keys.@Nullable Key key = keys.of(reading);
        if (key == null) {
            keysRefused++;
            return;
        }
        long at = reading.atMillis();
        if (!key.selected || (windows != null && !windows.observe(at)) || !query.compute(reading, input)) {
            return;
        }
        if (windows == null) {
            outlet.emit(key, input, at, at, false);
            return;
        }
        Accumulators window = windows.at(at);
        if (window != null) {
            if (!window.seen(key.index)) {
                windows.joined();
            }
            window.add(key.index, input);
            changed = true;
        }
    }

    synchronized void tick(long now) {
        if (windows != null) {
            windows.advance(now);
        }
        if (keys.full()) {
            keys.evict(now, index -> windows != null && windows.holds(index));
        }
    }

    /**
     * Ends the run: its windows are closed, partial where they had not ended. A device is not written any more: nobody wants
     * what half a window says.
     */
    synchronized void end() {
        ended = true;
        if (windows != null) {
            windows.flush();
        }
    }

    private void closed(Windows.Open window, boolean partial) {
        Accumulators cells = window.accumulators;
        for (int i = 0; i < cells.keys(); i++) {
            Keys.Key key = keys.at(i);
            boolean wanted = !ended || plan().sink() instanceof Sink.Uplink;
            if (key != null
                    && wanted
                    && cells.seen(i)
                    && query.compute(cells, i, key.device, window.start, window.end, output)) {
                outlet.emit(key, output, window.start, window.end, partial);
            }
        }
        changed = true;
    }

    /** Hands rows to the sink, which makes them durable with a sync; a row that it does not take stays. */
    synchronized void offer(SampleSink sink) {
        offeredAll = !outlet.waitingForSync();
        if (offeredAll) {
            List<Row> rows = outlet.take();
            for (int i = 0; i < rows.size(); i++) {
                try {
                    sink.append(rows.get(i));
                } catch (RuntimeException e) {
                    outlet.putBack(i, e);
                    offeredAll = false;
                    return;
                }
            }
        }
    }

    synchronized void synced() {
        released |= outlet.synced() > 0 && windows != null;
    }

    /** Whether a checkpoint would differ in which windows it has; {@code changed} when only in their contents. */
    synchronized boolean urgent() {
        return released || (windows != null && windows.joins() != joinsAtCheckpoint);
    }

    synchronized boolean changed() {
        return changed;
    }

    synchronized boolean windowed() {
        return windows != null;
    }

    /** Whether the last offer left no row behind. */
    synchronized boolean offeredAll() {
        return offeredAll;
    }

    synchronized boolean idle() {
        return outlet.idle();
    }

    synchronized void checkpoint(DataOutputStream out) throws IOException {
        Windows kept = Objects.requireNonNull(windows);
        CheckpointCodec.write(out, identity, kept, keys, outlet.waiting());
        changed = false;
        released = false;
        joinsAtCheckpoint = kept.joins();
    }

    /** Puts back a device's part of a window. */
    synchronized void restore(CheckpointCodec.Saved saved) {
        if (windows == null || query.layout == null) {
            return;
        }
        saved.emitted().forEach(windows.emitted()::add);
        for (CheckpointCodec.SavedWindow window : saved.windows()) {
            Accumulators cells = windows.restore(window.start());
            for (CheckpointCodec.SavedKey part : window.keys()) {
                Keys.Key key = keys.of(part.device());
                if (key != null && part.cells().size() == query.layout.width) {
                    part.restore(cells, key.index);
                }
            }
        }
        saved.rows().forEach(outlet::offer);
        changed = true;
    }

    synchronized StreamSnapshot snapshot(StreamState state, String message) {
        return new StreamSnapshot(
                identity.key(),
                identity.uid(),
                state,
                message,
                keys.size(),
                windows == null ? 0 : windows.open().size(),
                1_000 + keys.size() * 200L + outlet.waiting().size() * 300L + (windows == null ? 0 : windows.bytes()),
                readings,
                outlet.rows(),
                outlet.writes(),
                windows == null ? 0 : windows.late(),
                dropped());
    }

    /** What goes wrong at present, for people; empty when nothing does. */
    synchronized String trouble() {
        return outlet.refusal();
    }

    synchronized long dropped() {
        return keysRefused + outlet.dropped() + (windows == null ? 0 : windows.dropped());
    }

    Emitted emitted() {
        return emitted;
    }

    Set<String> properties() {
        return query.properties();
    }

    Identity identity() {
        return identity;
    }

    Plan plan() {
        return query.plan;
    }
}
