package dev.selvage.containers;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** An archive on disk, plain or compressed by gzip, as a stream of its entries. It is opened once to check it and once to send it. */
final class ArchiveFile implements Closeable {
    private static final int BUFFER = 64 << 10;
    /** How often progress is told. */
    private static final long STEP = 1 << 20;

    private final InputStream file;
    private final TarReader entries;

    /** @param progress hears how many bytes of the file have been read */
    ArchiveFile(Path path, ArchiveLimits limits, LongConsumer progress) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new ArchiveException("", Files.exists(path) ? "is no file" : "does not exist");
        }
        Counted counted = new Counted(Files.newInputStream(path), progress);
        this.file = counted;
        try {
            BufferedInputStream buffered = new BufferedInputStream(counted, BUFFER);
            Optional<String> compression = compression(buffered);
            if (compression.isEmpty()) {
                this.entries = new TarReader(buffered);
            } else if (compression.get().equals("gzip")) {
                InputStream inflated = new GZIPInputStream(buffered, BUFFER);
                this.entries = new TarReader(
                        new BufferedInputStream(new BoundedInflation(inflated, counted::count, limits), BUFFER));
            } else {
                throw new ArchiveException(
                        "", "is compressed by %s: accepted: not at all, or gzip".formatted(compression.get()));
            }
        } catch (IOException e) {
            counted.close();
            throw e;
        }
    }

    TarReader entries() {
        return entries;
    }

    /** By the first bytes; leaves the stream where it was. */
    static Optional<String> compression(BufferedInputStream in) throws IOException {
        in.mark(8);
        byte[] head = in.readNBytes(6);
        in.reset();
        if (head.length < 6) {
            return Optional.empty();
        }
        int first = ByteBuffer.wrap(head).getInt();
        return switch (first) {
            case 0x28b52ffd -> Optional.of("zstd");
            case 0xfd377a58 -> Optional.of("xz");
            default ->
                first >>> 16 == 0x1f8b
                        ? Optional.of("gzip")
                        : first >>> 8 == 0x425a68 ? Optional.of("bzip2") : Optional.empty();
        };
    }

    /** What a damaged stream says, in the words of a refusal. */
    static IOException explained(IOException e) {
        return e instanceof ZipException || e instanceof java.io.EOFException
                ? new ArchiveException("", "its compression is damaged or cut off: " + e.getMessage())
                : e;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static final class Counted extends BulkInput {
        private final LongConsumer progress;
        private long count;
        private long told;

        Counted(InputStream in, LongConsumer progress) {
            super(in);
            this.progress = progress;
        }

        long count() {
            return count;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int got = in.read(into, offset, length);
            return got < 0 ? got : counted(got);
        }

        @Override
        public long skip(long wanted) throws IOException {
            return counted((int) in.skip(Math.min(wanted, BUFFER)));
        }

        private int counted(int got) {
            count += got;
            if (count - told >= STEP) {
                told = count;
                progress.accept(count);
            }
            return got;
        }
    }
}
