package dev.selvage.workloads;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds the logs of running containers and notes when they grew.
 *
 * <p>A container holds its log open for appending and knows nothing of us. The old part of the file is given back to the
 * file system by punching a hole at its head (fallocate(2), FALLOC_FL_PUNCH_HOLE): no byte is lost in between, as it
 * would be with copy and truncate, and offsets stay valid for readers. Where the file system cannot do that, the file is
 * cut to nothing when it is full. A flood is looked at ten times as often. While no agent runs, nothing is trimmed.
 */
final class LogKeeper implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LogKeeper.class.getName());
    private static final long BLOCK = 64 << 10;

    private final Map<RunId, Kept> kept = new ConcurrentHashMap<>();
    private final Optional<Path> fallocate;
    private final Path scratch;
    private final long limit;
    private final Thread thread;

    private static final class Kept {
        final RunFiles files;
        long size = -1;
        long hole;

        Kept(RunFiles files) {
            this.files = files;
        }
    }

    /** @param limit bytes kept per run; a tenth more may lie there between two looks */
    LogKeeper(Optional<Path> fallocate, Path scratch, long limit) {
        this.fallocate = fallocate;
        this.scratch = scratch;
        this.limit = limit;
        this.thread = Thread.ofVirtual().name("log-keeper").start(this::keep);
    }

    void watch(RunId run, RunFiles files) {
        kept.computeIfAbsent(run, r -> new Kept(files));
    }

    /** A last look at a log that has ended. */
    void forget(RunId run) {
        Kept last = kept.remove(run);
        if (last != null) {
            look(last);
        }
    }

    private void keep() {
        try {
            while (true) {
                boolean flood = false;
                for (Kept log : kept.values()) {
                    flood |= look(log);
                }
                Thread.sleep(flood ? 100 : 1000);
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** True when the log grows so fast that it must be looked at soon again. */
    private boolean look(Kept log) {
        synchronized (log) {
            try {
                long size = Files.size(log.files.log());
                long grown = size - Math.max(0, log.size);
                if (size == log.size) {
                    return false;
                }
                log.hole = size < log.hole ? 0 : log.hole;
                log.size = size;
                LogTimes.note(log.files.times(), size, System.currentTimeMillis());
                if (size - log.hole > limit + limit / 10) {
                    trim(log);
                }
                return grown > limit / 10;
            } catch (IOException | RuntimeException | Error e) {
                LOG.log(System.Logger.Level.DEBUG, "log of {0}: {1}", log.files.directory(), e);
                return false;
            }
        }
    }

    private void trim(Kept log) throws IOException {
        long end = (log.size - limit) / BLOCK * BLOCK;
        if (fallocate.isPresent()) {
            Programs.Result result = Programs.run(
                    List.of(
                            fallocate.get().toString(),
                            "--punch-hole",
                            "--offset",
                            "0",
                            "--length",
                            Long.toString(end),
                            log.files.log().toString()),
                    scratch);
            if (result.ok()) {
                log.hole = end;
                return;
            }
        }
        try (FileChannel channel = FileChannel.open(log.files.log(), StandardOpenOption.WRITE)) {
            channel.truncate(0);
            log.size = 0;
            log.hole = 0;
            Files.deleteIfExists(log.files.times());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
