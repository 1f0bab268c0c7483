package dev.selvage.lanes;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The upload lanes of one node. A record's identity is (lane, epoch, sequence); the epoch grows with every open, so that whatever a crash did to the tail of a
 * log, no identity is ever used twice. Thread-safe; calls block on the disk, and a failing disk costs records, which are counted, never the caller.
 */
public final class Lanes implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Lanes.class.getName());
    /** What gives way, in this order; to telemetry no alarm does. */
    private static final List<Lane> TELEMETRY = List.of(Lane.BACKLOG, Lane.LIVE);

    private static final List<Lane> EVERYTHING = List.of(Lane.BACKLOG, Lane.LIVE, Lane.ALARM);

    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PERSIST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LanesConfig config;
    private final Map<Lane, LaneLog> logs = new EnumMap<>(Lane.class);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition grown = lock.newCondition();
    /** Held during an fsync; who waits for it finds that the one before has synced his records too. */
    private final ReentrantLock syncing = new ReentrantLock();

    private long synced;
    private long persistedAt = System.nanoTime();
    /** Why the disk refused a record the last time; empty when it has taken all of them for a while. */
    private volatile String diskFailure = "";

    private long diskFailedAt;

    private boolean closed;

    private Lanes(Path dir, LanesConfig config, SegmentFile.Disk disk) throws IOException {
        this.config = config;
        for (Lane lane : Lane.values()) {
            logs.put(lane, new LaneLog(lane, dir.resolve(directory(lane)), config, disk));
        }
        persist(true);
    }

    /** Opens or creates the lanes below {@code dir}, cutting what a crash left torn. The caller owns the directory. */
    public static Lanes open(Path dir, LanesConfig config) throws IOException {
        return open(dir, config, SegmentFile::on);
    }

    static Lanes open(Path dir, LanesConfig config, SegmentFile.Disk disk) throws IOException {
        return new Lanes(dir, config, disk);
    }

    static String directory(Lane lane) {
        return switch (lane) {
            case ALARM -> "alarm";
            case LIVE -> "live";
            case BACKLOG -> "backlog";
        };
    }

    /** Appends without waiting for the disk; a record that cannot be taken is counted as dropped and {@code false} returned. */
    public boolean append(Lane lane, byte[] record) {
        return append(lane, record, true);
    }

    /** As {@link #append}, but a record that the disk does not take stays the caller's, who offers it again, and is not counted. */
    public boolean offer(Lane lane, byte[] record) {
        // One that is too large is never taken: it is counted, and the caller is rid of it.
        return record.length > config.maxRecordBytes() ? !append(lane, record, true) : append(lane, record, false);
    }

    private boolean append(Lane lane, byte[] record, boolean count) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (record.length > config.maxRecordBytes()) {
                log(lane).drop(DropReason.TOO_LARGE, 1);
                return false;
            }
            if (!makeRoom(lane, record.length)) {
                log(lane).drop(DropReason.TOTAL_FULL, 1);
                return false;
            }
            return write(lane, record, count);
        } finally {
            lock.unlock();
        }
    }

    /** False when there is none left but the alarms'. */
    private boolean makeRoom(Lane lane, int record) {
        LaneLog log = log(lane);
        if (lane != Lane.ALARM) {
            while (log.bytes() + log.growth(record) > config.bound(lane) && log.dropOldest(DropReason.LANE_FULL)) {}
        }
        List<Lane> victims = lane == Lane.ALARM ? EVERYTHING : TELEMETRY;
        while (bytes() + log.growth(record) > config.totalBytes()) {
            if (!dropOldest(victims, DropReason.TOTAL_FULL)) {
                return false;
            }
        }
        return true;
    }

    private boolean dropOldest(List<Lane> victims, DropReason reason) {
        return victims.stream().anyMatch(victim -> log(victim).dropOldest(reason));
    }

    private boolean write(Lane lane, byte[] record, boolean count) {
        while (true) {
            try {
                log(lane).append(record);
                diskFailed(null);
                return true;
            } catch (IOException e) {
                diskFailed(e);
                if (lane != Lane.ALARM || !isFull(e) || !dropOldest(TELEMETRY, DropReason.DISK)) {
                    log(lane).drop(DropReason.DISK, count ? 1 : 0);
                    return false;
                }
            }
        }
    }

    /** Space is what telemetry can give; it cannot make a disk writable (read-only, no open files left). */
    private static boolean isFull(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    /** A disk that is nearly full takes small records and refuses others: it is well again when it has refused none for a while. */
    private void diskFailed(@Nullable IOException e) {
        if (e != null) {
            if (diskFailure.isEmpty()) {
                LOG.log(System.Logger.Level.WARNING, "the disk takes no records, they are dropped and counted: " + e);
            }
            diskFailure = String.valueOf(e.getMessage());
            diskFailedAt = System.nanoTime();
        } else if (!diskFailure.isEmpty() && System.nanoTime() - diskFailedAt > CALM_NANOS) {
            LOG.log(System.Logger.Level.INFO, "the disk takes records again");
            diskFailure = "";
        }
    }

    /** Makes all records appended so far durable; callers that arrive together share one fsync. */
    public void sync() {
        syncing.lock();
        try {
            for (Lane lane : Lane.values()) {
                sync(log(lane));
            }
            lock.lock();
            try {
                if (!closed && System.nanoTime() - persistedAt > PERSIST_NANOS) {
                    persist(false);
                }
            } finally {
                lock.unlock();
            }
        } finally {
            syncing.unlock();
        }
    }

    /** The fsync itself happens outside the lock: appending goes on meanwhile. */
    private void sync(LaneLog log) {
        Optional<LaneLog.Unsynced> unsynced;
        lock.lock();
        try {
            unsynced = log.unsynced();
        } finally {
            lock.unlock();
        }
        if (unsynced.isEmpty()) {
            return;
        }
        boolean failed = !unsynced.get().force();
        lock.lock();
        try {
            log.synced(unsynced.get(), failed);
            synced++;
            grown.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void persist(boolean force) {
        persistedAt = System.nanoTime();
        for (LaneLog log : logs.values()) {
            try {
                log.persist(force);
            } catch (IOException e) {
                diskFailed(e);
            }
        }
    }

    /** {@link #append} and {@link #sync}; false when the record was dropped instead. */
    public boolean appendDurable(Lane lane, byte[] record) {
        boolean taken = append(lane, record);
        sync();
        return taken;
    }

    /** The oldest synced records that are not acknowledged, at most {@code maxBytes} of them but at least one; empty when there is none. */
    public Batch peek(Lane lane, int maxBytes) {
        lock.lock();
        try {
            return after(lane, log(lane).acknowledged(), maxBytes);
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #peek(Lane, int)}, but what follows the given position: for a window of batches in flight. */
    public Batch peekAfter(Lane lane, long epoch, long sequence, int maxBytes) {
        lock.lock();
        try {
            Position position = new Position(epoch, sequence);
            Position acknowledged = log(lane).acknowledged();
            return after(lane, position.compareTo(acknowledged) < 0 ? acknowledged : position, maxBytes);
        } finally {
            lock.unlock();
        }
    }

    private Batch after(Lane lane, Position position, int maxBytes) {
        try {
            return closed ? Batch.empty(lane) : log(lane).after(position, maxBytes);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot read lane " + lane, e);
            return Batch.empty(lane);
        }
    }

    /** Whether the lane has come to this position by itself, however far that is. */
    private boolean has(Lane lane, Position position) {
        lock.lock();
        try {
            return log(lane).has(position);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Everything up to this position is stored at the centre. Idempotent; an older position changes nothing. A position that this node never reached (its
     * disk was reset or restored) makes it go on in an epoch above, so that the centre does not take new records for old ones.
     *
     * @throws IllegalArgumentException for a position that no node can reach
     */
    public void acknowledge(Lane lane, long epoch, long sequence) {
        boolean known = epoch >= 0 && sequence >= 0 && has(lane, new Position(epoch, sequence));
        if (!known && !Position.possible(epoch, sequence)) {
            throw new IllegalArgumentException("lane " + directory(lane) + ": found epoch " + epoch + ", sequence "
                    + sequence + ", accepted are 0 to " + Position.MOST);
        }
        lock.lock();
        try {
            if (!closed) {
                log(lane).acknowledge(new Position(epoch, sequence));
            }
        } catch (IOException e) {
            diskFailed(e);
        } finally {
            lock.unlock();
        }
    }

    /** Gives the lane's newest records, oldest first and acknowledged ones included: at least the last {@link LanesConfig#recentBytes()} that are there. */
    public void recent(Lane lane, Consumer<byte[]> consumer) {
        lock.lock();
        try {
            log(lane).recent(consumer);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot read lane " + lane, e);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something is synced after the given mark was, or the time is over; gives the new mark. Start with 0. */
    public long awaitSynced(long mark, Duration timeout) throws InterruptedException {
        long nanos = timeout.toNanos();
        lock.lockInterruptibly();
        try {
            while (synced <= mark && nanos > 0 && !closed) {
                nanos = grown.awaitNanos(nanos);
            }
            return synced;
        } finally {
            lock.unlock();
        }
    }

    /** Why the disk refused records within the last seconds; empty while it takes them. */
    public Optional<String> diskFailure() {
        return Optional.of(diskFailure).filter(why -> !why.isEmpty());
    }

    /** How many records of each lane were found damaged since this was last asked, since the start at first; lanes without any are absent. */
    public Map<Lane, Long> takeDamage() {
        lock.lock();
        try {
            Map<Lane, Long> damaged = new EnumMap<>(Lane.class);
            logs.forEach((lane, log) -> damaged.put(lane, log.takeDamage()));
            damaged.values().removeIf(count -> count == 0);
            return damaged;
        } finally {
            lock.unlock();
        }
    }

    public Stats stats() {
        lock.lock();
        try {
            Map<Lane, Stats.LaneStats> stats = new EnumMap<>(Lane.class);
            logs.forEach((lane, log) -> stats.put(lane, log.stats()));
            return new Stats(stats, bytes());
        } finally {
            lock.unlock();
        }
    }

    /** Syncs and closes; later calls of {@link #append} drop. */
    @Override
    public void close() {
        syncing.lock();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            for (LaneLog log : logs.values()) {
                close(log);
            }
            grown.signalAll();
        } finally {
            lock.unlock();
            syncing.unlock();
        }
    }

    private void close(LaneLog log) {
        try {
            log.close();
        } catch (IOException e) {
            diskFailed(e);
        }
    }

    private long bytes() {
        return logs.values().stream().mapToLong(LaneLog::bytes).sum();
    }

    private LaneLog log(Lane lane) {
        return Objects.requireNonNull(logs.get(lane), lane::name);
    }
}
