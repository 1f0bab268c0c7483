package dev.selvage.workloads;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Reads one run's log as {@link LogRequest} asks. The hole at the head of a trimmed file reads as NULs and is skipped. */
final class LogReader {
    private static final int CHUNK = 64 << 10;
    private static final int HOLE = 512;
    private static final int LONGEST_LINE = 1 << 20;

    private final RunFiles files;
    private final LogRequest request;
    private final OutputStream out;
    private final BooleanSupplier ended;
    private final long kept;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private NavigableMap<Long, Long> times = new TreeMap<>();
    private long written;
    private int nuls;
    private boolean skipping;

    /** @param kept how far back the log may reach: what lies before is a hole */
    LogReader(RunFiles files, LogRequest request, OutputStream out, BooleanSupplier ended, long kept) {
        this.files = files;
        this.request = request;
        this.out = out;
        this.ended = ended;
        this.kept = kept;
    }

    void copy() throws IOException {
        try (FileChannel log = FileChannel.open(files.log())) {
            long position = start(log);
            while (true) {
                boolean last = !request.follow() || ended.getAsBoolean();
                position = drain(log, position, request.follow() ? Long.MAX_VALUE : log.size());
                if (last || done()) {
                    break;
                }
                out.flush();
                Thread.sleep(100);
            }
            if (line.size() > 0 && !done()) {
                emit(line.toByteArray(), position - line.size());
            }
            out.flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long start(FileChannel log) throws IOException {
        long start = firstData(log);
        if (request.sinceMillis().isPresent()) {
            start = Math.max(start, since(request.sinceMillis().getAsLong(), log));
        }
        if (request.tailLines().isPresent()) {
            start = Math.max(start, tail(log, start, request.tailLines().getAsLong()));
        }
        return start;
    }

    /** The first line that is whole behind the hole. */
    private long firstData(FileChannel log) throws IOException {
        long position = Math.max(0, log.size() - kept);
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        while (log.read(chunk.clear(), position) > 0) {
            for (int i = 0; i < chunk.position(); i++) {
                if (chunk.get(i) != 0) {
                    return position + i == 0 ? 0 : nextLine(log, position + i);
                }
            }
            position += chunk.position();
        }
        return position;
    }

    private long nextLine(FileChannel log, long from) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        int count = log.read(chunk, from);
        for (int i = 0; i < count; i++) {
            if (chunk.get(i) == '\n') {
                return from + i + 1;
            }
        }
        return from;
    }

    private long since(long millis, FileChannel log) throws IOException {
        long oldest = System.currentTimeMillis() - millis;
        for (var entry : LogTimes.read(files.times()).descendingMap().entrySet()) {
            if (entry.getValue() < oldest) {
                return Math.min(entry.getKey(), log.size());
            }
        }
        return 0;
    }

    /** Where the last so many lines begin; looks back chunk by chunk. */
    private long tail(FileChannel log, long first, long lines) throws IOException {
        long end = log.size();
        if (lines <= 0) {
            return end;
        }
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        long seen = 0;
        for (long upper = end; upper > first; upper = Math.max(first, upper - CHUNK)) {
            long lower = Math.max(first, upper - CHUNK);
            chunk.clear().limit((int) (upper - lower));
            int count = log.read(chunk, lower);
            for (int i = count - 1; i >= 0; i--) {
                if (chunk.get(i) == '\n' && lower + i != end - 1 && ++seen == lines) {
                    return lower + i + 1;
                }
            }
        }
        return first;
    }

    /** Up to {@code end}, so that one look at a log that grows as fast as it is read comes to an end. */
    private long drain(FileChannel log, long from, long end) throws IOException {
        long position = from > log.size() ? 0 : from;
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        while (!done()
                && position < end
                && log.read(chunk.clear().limit((int) Math.min(CHUNK, end - position)), position) > 0) {
            for (int i = 0; i < chunk.position() && !done(); i++) {
                take(chunk.get(i), position + i);
            }
            position += chunk.position();
        }
        return position;
    }

    /** The log may be trimmed while it is read: a long run of NULs is the hole, and the lines that it cuts are dropped. */
    private void take(byte b, long offset) throws IOException {
        nuls = b == 0 ? nuls + 1 : 0;
        if (nuls >= HOLE) {
            skipping = true;
            line.reset();
        } else if (skipping) {
            skipping = b != '\n';
        } else {
            line.write(b);
            if (b == '\n' || line.size() >= LONGEST_LINE) {
                emit(line.toByteArray(), offset + 1 - line.size());
                line.reset();
            }
        }
    }

    private void emit(byte[] bytes, long offset) throws IOException {
        if (request.timestamps()) {
            if (times.isEmpty() || times.lastKey() <= offset) {
                times = LogTimes.read(files.times());
            }
            Instant seen = Instant.ofEpochMilli(LogTimes.at(times, offset, System.currentTimeMillis()));
            write((seen.truncatedTo(ChronoUnit.MILLIS) + " ").getBytes(StandardCharsets.UTF_8));
        }
        write(bytes);
    }

    private void write(byte[] bytes) throws IOException {
        long left = request.limitBytes().orElse(Long.MAX_VALUE) - written;
        int count = (int) Math.min(bytes.length, left);
        out.write(bytes, 0, count);
        written += count;
    }

    private boolean done() {
        return request.limitBytes().isPresent()
                && written >= request.limitBytes().getAsLong();
    }
}
