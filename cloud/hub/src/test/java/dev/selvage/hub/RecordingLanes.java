package dev.selvage.hub;

import dev.selvage.telemetry.Cursor;
import dev.selvage.telemetry.Ingested;
import dev.selvage.telemetry.LaneRecord;
import dev.selvage.telemetry.Sample;
import dev.selvage.telemetry.Unreadable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Telemetry's contract in memory, with a door for faults. */
final class RecordingLanes implements LaneSink {
    private final Map<String, Cursor> cursors = new HashMap<>();
    private final List<Sample> samples = new ArrayList<>();
    private final List<Unreadable> unreadable = new ArrayList<>();
    private int duplicates;
    private @Nullable Runnable afterIngest;

    @Override
    public synchronized Ingested ingest(
            String node, String lane, long epoch, long firstSequence, List<LaneRecord> records) {
        Cursor before = cursor(node, lane);
        int stored = 0;
        int passed = 0;
        for (int i = 0; i < records.size(); i++) {
            boolean isNew =
                    epoch > before.epoch() || (epoch == before.epoch() && firstSequence + i >= before.nextSequence());
            switch (records.get(i)) {
                case Sample sample
                when isNew -> {
                    samples.add(sample);
                    stored++;
                }
                // without its bytes, of which a hostile node sends many
                case Unreadable bad when isNew -> unreadable.add(new Unreadable(new byte[0], bad.reason()));
                case Sample _, Unreadable _ -> passed++;
            }
        }
        duplicates += passed;
        Cursor after = epoch < before.epoch()
                ? before
                : new Cursor(
                        epoch,
                        Math.max(epoch == before.epoch() ? before.nextSequence() : 0, firstSequence + records.size()));
        cursors.put(node + "/" + lane, after);
        Runnable fault = afterIngest;
        afterIngest = null;
        if (fault != null) {
            fault.run();
        }
        return new Ingested(after, stored, passed, 0, 0);
    }

    @Override
    public synchronized Cursor cursor(String node, String lane) {
        return cursors.getOrDefault(node + "/" + lane, Cursor.NONE);
    }

    @Override
    public synchronized boolean stores(String node, String namespace) {
        return samples.stream().anyMatch(sample -> sample.namespace().equals(namespace));
    }

    /** Runs once, after the next batch is stored and before it is acknowledged. */
    synchronized void afterNextIngest(Runnable fault) {
        afterIngest = fault;
    }

    synchronized List<Sample> samples() {
        return List.copyOf(samples);
    }

    synchronized List<Unreadable> unreadable() {
        return List.copyOf(unreadable);
    }

    synchronized int duplicates() {
        return duplicates;
    }
}
