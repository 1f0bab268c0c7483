package dev.selvage.agent;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** Space kept on the disk for the node's own state, given up when the disk is full and taken again when there is room. */
final class DiskReserve {
    private static final int BYTES = 4 << 20;
    private static final long ROOM = 4L * BYTES;

    private final Path file;

    DiskReserve(Path file) {
        this.file = file;
    }

    /** Takes the reserve unless it is there or the disk is nearly full. */
    void fill() {
        try {
            if (Files.exists(file) && Files.size(file) == BYTES) {
                return;
            }
            if (Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace() > ROOM) {
                write();
            }
        } catch (IOException e) {
            System.getLogger(DiskReserve.class.getName())
                    .log(System.Logger.Level.DEBUG, "no reserve on the disk: " + e);
        }
    }

    private void write() throws IOException {
        try (RandomAccessFile reserve = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] block = new byte[1 << 16];
            // Not zeros: a file system that compresses would keep nothing free.
            new java.util.Random(BYTES).nextBytes(block);
            for (int written = 0; written < BYTES; written += block.length) {
                reserve.write(block);
            }
        }
    }

    /** False when there was nothing to give up. */
    boolean release() {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            return false;
        }
    }
}
