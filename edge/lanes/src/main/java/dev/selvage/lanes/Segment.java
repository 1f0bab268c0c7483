package dev.selvage.lanes;

import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One file of a lane: records of one epoch with consecutive sequences. What is known of it; the bytes are {@link Records}' matter. */
final class Segment {
    /** A file takes a block of the disk however little is in it. */
    static final long BLOCK = 4096;

    private static final int MARKS = 16;
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.log");

    final Path path;
    final long epoch;
    final long first;
    /** The sequence after the last record, and where its bytes end. */
    long next;

    long end;
    /** The same, of what is known to survive a power cut. */
    long syncedNext;

    long syncedEnd;
    private final TreeMap<Long, Long> offsets = new TreeMap<>();

    private Segment(Path path, long epoch, long first) {
        this.path = path;
        this.epoch = epoch;
        this.first = first;
        cutTo(first, Records.HEADER);
    }

    static Segment create(Path dir, long epoch, long first) {
        return new Segment(dir.resolve("%016x-%016x.log".formatted(epoch, first)), epoch, first);
    }

    static Optional<Segment> of(Path path) {
        Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
        if (!name.matches()) {
            return Optional.empty();
        }
        long epoch = Long.parseUnsignedLong(name.group(1), 16);
        long first = Long.parseUnsignedLong(name.group(2), 16);
        return Position.reachable(epoch, first) ? Optional.of(new Segment(path, epoch, first)) : Optional.empty();
    }

    /** Says what the segment holds, all of it synced. */
    void cutTo(long next, long end) {
        this.next = next;
        this.end = end;
        this.syncedNext = next;
        this.syncedEnd = end;
    }

    void appended(long bytes) {
        next++;
        end += bytes;
    }

    void synced(long next, long end) {
        this.syncedNext = Math.max(syncedNext, next);
        this.syncedEnd = Math.max(syncedEnd, end);
    }

    boolean isSynced() {
        return syncedNext == next;
    }

    long bytes() {
        return Math.max(BLOCK, end);
    }

    /** What the records themselves take, without what surrounds them in the file. */
    long payload() {
        return Math.max(0, end - Records.HEADER);
    }

    /** The first sequence of this segment that lies after the position; {@link #next} when none does. */
    long after(Position position) {
        int order = Long.compare(epoch, position.epoch());
        if (order != 0) {
            return order < 0 ? next : first;
        }
        return Math.clamp(position.sequence() + 1, first, next);
    }

    /** Remembers where a record begins, so that the next read need not walk there. */
    void mark(long sequence, long offset) {
        offsets.put(sequence, offset);
        if (offsets.size() > MARKS) {
            offsets.pollFirstEntry();
        }
    }

    /** The nearest known record at or before the sequence, as (sequence, offset). */
    long[] floor(long sequence) {
        var mark = offsets.floorEntry(sequence);
        return mark == null ? new long[] {first, Records.HEADER} : new long[] {mark.getKey(), mark.getValue()};
    }
}
