package dev.selvage.lanes;

import java.util.List;

/**
 * Synced records of one lane and one epoch, in order; record i has the sequence {@code firstSequence + i}. Between two batches sequences may jump ahead
 * (records dropped in between), and a later epoch is always greater.
 */
public record Batch(Lane lane, long epoch, long firstSequence, List<byte[]> records) {
    public Batch {
        records = List.copyOf(records);
    }

    static Batch empty(Lane lane) {
        return new Batch(lane, 0, 0, List.of());
    }

    public boolean isEmpty() {
        return records.isEmpty();
    }

    /** The sequence to acknowledge when the whole batch is stored at the centre. */
    public long lastSequence() {
        return firstSequence + records.size() - 1;
    }
}
