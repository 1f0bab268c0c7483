package dev.selvage.lanes;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * The file a segment is appended to; an interface so that tests can let the disk fail. A RandomAccessFile rather than a FileChannel stands behind it, because
 * an interrupted thread closes the channel it writes to.
 */
interface SegmentFile {
    void write(byte[] bytes, long at) throws IOException;

    void truncate(long length) throws IOException;

    /** Returns when the file's content survives a power cut. */
    void force() throws IOException;

    void close() throws IOException;

    /** Opens files for appending. */
    interface Disk {
        SegmentFile open(Path path) throws IOException;
    }

    /** The real disk. */
    static SegmentFile on(Path path) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        return new SegmentFile() {
            @Override
            public void write(byte[] bytes, long at) throws IOException {
                file.seek(at);
                file.write(bytes);
            }

            @Override
            public void truncate(long length) throws IOException {
                file.setLength(length);
            }

            @Override
            public void force() throws IOException {
                file.getFD().sync();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
