package dev.selvage.lanes;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The upload lanes of one node. A record's identity is (lane, epoch, sequence); the epoch grows with every open, so that whatever a crash did to the tail of a
 * log, no identity is ever used twice. Thread-safe; calls block on the disk.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class Lanes implements AutoCloseable {
    /** Opens or creates the lanes below {@code dir}, cutting what a crash left torn. The caller owns the directory. */
    public static Lanes open(Path dir, LanesConfig config) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }

    /** Appends without waiting for the disk; a record that cannot be taken is counted as dropped and {@code false} returned. */
    public boolean append(Lane lane, byte[] record) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Makes all records appended so far durable; callers that arrive together share one fsync. */
    public void sync() {
        throw new UnsupportedOperationException("not yet");
    }

    /** {@link #append} and {@link #sync}; false when the record was dropped instead. */
    public boolean appendDurable(Lane lane, byte[] record) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The oldest synced records that are not acknowledged, at most {@code maxBytes} of them but at least one; empty when there is none. */
    public Batch peek(Lane lane, int maxBytes) {
        throw new UnsupportedOperationException("not yet");
    }

    /** As {@link #peek(Lane, int)}, but what follows the given position: for a window of batches in flight. */
    public Batch peekAfter(Lane lane, long epoch, long sequence, int maxBytes) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Everything up to this position is stored at the centre. Idempotent; an older position changes nothing. A position that this node never reached (its
     * disk was reset or restored) makes it go on in an epoch above, so that the centre does not take new records for old ones.
     */
    public void acknowledge(Lane lane, long epoch, long sequence) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Gives the lane's newest records, oldest first and acknowledged ones included: at least the last {@link LanesConfig#recentBytes()} that are there. */
    public void recent(Lane lane, Consumer<byte[]> consumer) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Waits until records beyond the given mark are synced or the time is over; gives the new mark. Start with 0. */
    public long awaitSynced(long mark, Duration timeout) throws InterruptedException {
        throw new UnsupportedOperationException("not yet");
    }

    public Stats stats() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Syncs and closes; later calls of {@link #append} drop. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("not yet");
    }
}
