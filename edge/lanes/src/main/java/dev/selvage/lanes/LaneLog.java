package dev.selvage.lanes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One lane: its segments from the oldest to the newest, the last of which may be open for appending. Not thread-safe; {@link Lanes} holds the lock, except for
 * {@link Unsynced#force()}.
 *
 * <p>Sequences go on from epoch to epoch, so that the first sequence of a segment says where the one before it ends.
 */
final class LaneLog {
    private final Lane lane;
    private final Path dir;
    private final LanesConfig config;
    private final SegmentFile.Disk disk;
    private final LaneState.File stateFile;
    private final Deque<Segment> segments = new ArrayDeque<>();
    private final Dropped dropped = new Dropped();
    private @Nullable SegmentFile active;
    private Position acknowledged = Position.START;
    private long epoch;
    private long next = 1;
    private long bytes;
    private boolean changed = true;
    private long damaged;

    LaneLog(Lane lane, Path dir, LanesConfig config, SegmentFile.Disk disk) throws IOException {
        this.lane = lane;
        this.dir = dir;
        this.config = config;
        this.disk = disk;
        Files.createDirectories(dir);
        stateFile = new LaneState.File(dir.resolve("state"));
        recover(stateFile.read());
    }

    private void recover(Optional<LaneState> state) throws IOException {
        state.ifPresent(known -> {
            known.dropped().forEach(dropped::add);
            acknowledged = known.acknowledged();
            epoch = known.epoch();
            next = Math.max(known.next(), acknowledged.sequence() + 1);
        });
        for (Path path : list()) {
            Segment.of(path).ifPresent(segment -> {
                if (!segments.isEmpty()) {
                    finish(segments.getLast(), segment.first);
                }
                segments.add(segment);
            });
        }
        if (!segments.isEmpty()) {
            cutTail(segments.getLast(), state);
        }
        for (Segment segment : segments) {
            bytes += segment.bytes();
        }
        epoch = epoch == 0 ? Math.max(1, Instant.now().getEpochSecond()) : epoch + 1;
        trim();
    }

    private List<Path> list() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.sorted().toList();
        }
    }

    /** An older segment is verified when it is read; until then the one after it says how far it goes. */
    private void finish(Segment segment, long next) {
        segment.cutTo(Math.max(segment.first, next), segment.path.toFile().length());
    }

    /** The tail may have been torn by a power cut: what does not verify is cut off and counted. */
    private void cutTail(Segment last, Optional<LaneState> state) throws IOException {
        Records.Read read = Records.scan(last, config.maxRecordBytes());
        long lost = read.damaged();
        if (state.isPresent() && state.get().epoch() == last.epoch) {
            lost = Math.max(lost, state.get().next() - read.next());
        }
        drop(DropReason.CORRUPT, Math.max(0, lost));
        SegmentFile file = disk.open(last.path);
        try {
            if (!read.intact()) {
                file.truncate(read.offset());
            }
            // What the process before us wrote but did not sync becomes synced now.
            file.force();
        } finally {
            file.close();
        }
        last.cutTo(read.next(), read.offset());
        epoch = Math.max(epoch, last.epoch);
        next = Math.max(next, read.next());
    }

    /** How many bytes of the disk a record of this size takes in addition. */
    long growth(int record) {
        int frame = Records.FRAME + record;
        return active != null && fits(frame)
                ? Math.max(
                        0, segments.getLast().end + frame - segments.getLast().bytes())
                : Math.max(Segment.BLOCK, Records.HEADER + frame);
    }

    private boolean fits(int frame) {
        return segments.getLast().end + frame <= config.segmentBytes();
    }

    void append(byte[] record) throws IOException {
        byte[] frame = Records.frame(epoch, next, record);
        SegmentFile file = active;
        if (file == null || !fits(frame.length)) {
            file = roll();
        }
        Segment segment = segments.getLast();
        try {
            file.write(frame, segment.end);
        } catch (IOException e) {
            undo(file, segment);
            throw e;
        }
        bytes -= segment.bytes();
        segment.appended(frame.length);
        bytes += segment.bytes();
        next++;
        changed = true;
    }

    private SegmentFile roll() throws IOException {
        closeActive();
        Segment segment = Segment.create(dir, epoch, next);
        SegmentFile file = disk.open(segment.path);
        try {
            file.truncate(0);
            file.write(Records.header(), 0);
            Directory.force(dir);
        } catch (IOException e) {
            file.close();
            Files.deleteIfExists(segment.path);
            throw e;
        }
        // After a failed fsync a segment of the same name may have been emptied: this one takes its place.
        if (!segments.isEmpty() && segments.getLast().path.equals(segment.path)) {
            bytes -= segments.removeLast().bytes();
        }
        segments.add(segment);
        bytes += segment.bytes();
        active = file;
        return file;
    }

    private void undo(SegmentFile file, Segment segment) {
        try {
            file.truncate(segment.end);
        } catch (IOException e) {
            closeActive();
        }
    }

    private void closeActive() {
        SegmentFile file = active;
        if (file == null) {
            return;
        }
        Segment segment = segments.getLast();
        boolean failed = false;
        try {
            if (!segment.isSynced()) {
                file.force();
            }
        } catch (IOException e) {
            failed = true;
        }
        synced(new Unsynced(file, segment, segment.next, segment.end), failed);
        if (active != null) {
            abandon();
        }
    }

    private void abandon() {
        try {
            if (active != null) {
                active.close();
            }
        } catch (IOException e) {
            System.getLogger(LaneLog.class.getName()).log(System.Logger.Level.DEBUG, "close failed", e);
        }
        active = null;
    }

    /** Records that were written and wait for an fsync. */
    record Unsynced(SegmentFile file, Segment segment, long next, long end) {
        boolean force() {
            try {
                file.force();
                return true;
            } catch (IOException e) {
                return false;
            }
        }
    }

    Optional<Unsynced> unsynced() {
        if (active == null || segments.getLast().isSynced()) {
            return Optional.empty();
        }
        Segment segment = segments.getLast();
        return Optional.of(new Unsynced(active, segment, segment.next, segment.end));
    }

    /** After a failed fsync the kernel may have thrown the pages away: everything not yet synced counts as dropped. */
    void synced(Unsynced unsynced, boolean failed) {
        Segment segment = unsynced.segment();
        if (!failed) {
            segment.synced(unsynced.next(), unsynced.end());
        } else if (active != null && segment.equals(segments.peekLast())) {
            drop(DropReason.DISK, segment.next - segment.syncedNext);
            bytes -= segment.bytes();
            segment.cutTo(segment.syncedNext, segment.syncedEnd);
            bytes += segment.bytes();
            abandon();
        }
    }

    /** Deletes the oldest segment, counting what it held; false when there is none. */
    boolean dropOldest(DropReason reason) {
        if (segments.isEmpty()) {
            return false;
        }
        if (segments.size() == 1) {
            abandon();
        }
        Segment oldest = segments.getFirst();
        drop(reason, oldest.next - oldest.after(acknowledged));
        delete(oldest);
        return true;
    }

    void drop(DropReason reason, long count) {
        dropped.add(reason, count);
        damaged += reason == DropReason.CORRUPT ? count : 0;
        changed |= count > 0;
    }

    /** How many records the disk has damaged since this was last asked, since the start at first. */
    long takeDamage() {
        long taken = damaged;
        damaged = 0;
        return taken;
    }

    private void delete(Segment segment) {
        segments.remove(segment);
        bytes -= segment.bytes();
        try {
            Files.deleteIfExists(segment.path);
        } catch (IOException e) {
            System.getLogger(LaneLog.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot delete " + segment.path.getFileName(), e);
        }
    }

    Batch after(Position position, int maxBytes) throws IOException {
        for (Segment segment : List.copyOf(segments)) {
            long from = segment.after(position);
            if (from >= segment.syncedNext) {
                continue;
            }
            Records.Read read = Records.read(segment, from, segment.syncedNext, maxBytes, config.maxRecordBytes());
            if (!read.intact()) {
                damaged(segment, read);
            }
            if (!read.records().isEmpty()) {
                return new Batch(lane, segment.epoch, from, read.records());
            }
        }
        return Batch.empty(lane);
    }

    /** The disk lost a record after it was synced; the rest of its segment cannot be trusted. */
    private void damaged(Segment segment, Records.Read read) {
        drop(DropReason.CORRUPT, segment.next - read.next());
        if (segment.equals(segments.peekLast())) {
            abandon();
        }
        bytes -= segment.bytes();
        segment.cutTo(read.next(), read.offset());
        bytes += segment.bytes();
    }

    boolean has(Position position) {
        return position.epoch() < epoch || (position.epoch() == epoch && position.sequence() < next);
    }

    void acknowledge(Position position) throws IOException {
        if (position.compareTo(acknowledged) <= 0) {
            return;
        }
        if (!has(position)) {
            moveBeyond(position);
        }
        acknowledged = position;
        changed = true;
        trim();
    }

    /** The centre knows identities that we would use again: what waits gets new ones above them. */
    private void moveBeyond(Position position) throws IOException {
        closeActive();
        List<Segment> old = new ArrayList<>(segments);
        epoch = position.epoch() + 1;
        for (Segment segment : old) {
            long from = segment.after(acknowledged);
            if (from < segment.next) {
                var read = Records.read(segment, from, segment.next, Integer.MAX_VALUE, config.maxRecordBytes());
                read.records().forEach(this::appendOrDrop);
                drop(DropReason.CORRUPT, segment.next - read.next());
            }
            closeActive();
            delete(segment);
        }
    }

    private void appendOrDrop(byte[] record) {
        try {
            append(record);
        } catch (IOException e) {
            drop(DropReason.DISK, 1);
        }
    }

    private void trim() {
        long newer = segments.stream().mapToLong(Segment::payload).sum();
        while (!segments.isEmpty()) {
            Segment oldest = segments.getFirst();
            newer -= oldest.payload();
            boolean open = active != null && segments.size() == 1;
            if (open || oldest.after(acknowledged) < oldest.next || newer < config.recentBytes()) {
                return;
            }
            delete(oldest);
        }
    }

    void recent(Consumer<byte[]> consumer) throws IOException {
        Deque<Segment> tail = new ArrayDeque<>();
        long size = 0;
        for (var newest = segments.descendingIterator(); newest.hasNext() && size < config.recentBytes(); ) {
            Segment segment = newest.next();
            tail.addFirst(segment);
            size += segment.payload();
        }
        for (Segment segment : tail) {
            Records.read(segment, segment.first, segment.next, Integer.MAX_VALUE, config.maxRecordBytes())
                    .records()
                    .forEach(consumer);
        }
    }

    long bytes() {
        return bytes;
    }

    Position acknowledged() {
        return acknowledged;
    }

    Stats.LaneStats stats() {
        long waiting =
                segments.stream().mapToLong(s -> s.next - s.after(acknowledged)).sum();
        return new Stats.LaneStats(
                epoch, next, acknowledged.epoch(), acknowledged.sequence(), waiting, bytes, dropped.counts());
    }

    /** Writes the state if it changed. It may be old after a crash: the centre then sees known records again and skips them. */
    void persist(boolean force) throws IOException {
        if (changed) {
            long synced = segments.isEmpty() ? next : segments.getLast().syncedNext;
            stateFile.write(new LaneState(epoch, synced, acknowledged, dropped.counts()));
            changed = false;
        }
        if (force) {
            stateFile.force();
        }
    }

    void close() throws IOException {
        closeActive();
        persist(true);
        stateFile.close();
    }
}
