package dev.selvage.containers;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Takes apart what the engine multiplexes: frames of (stream, 0, 0, 0, length) and bytes (Engine API, "Stream format" of attach). */
final class Frames {
    static final int STDOUT = 1;
    static final int STDERR = 2;

    private final InputStream in;
    private final boolean raw;

    interface Sink {
        /** @param stream {@link #STDOUT} or {@link #STDERR} */
        void take(int stream, byte[] bytes, int offset, int length) throws IOException;
    }

    /** @param raw of a terminal: all of it is standard output */
    Frames(InputStream in, boolean raw) {
        this.in = in;
        this.raw = raw;
    }

    void copyTo(Sink sink) throws IOException {
        byte[] buffer = new byte[8 << 10];
        if (raw) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                sink.take(STDOUT, buffer, 0, count);
            }
            return;
        }
        byte[] head = new byte[8];
        while (true) {
            int got = in.readNBytes(head, 0, head.length);
            if (got == 0) {
                return;
            }
            if (got < head.length) {
                throw new EOFException("the engine's stream ended inside a frame's head");
            }
            long left = length(head);
            while (left > 0) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    throw new EOFException("the engine's stream ended inside a frame");
                }
                sink.take(head[0], buffer, 0, count);
                left -= count;
            }
        }
    }

    private static long length(byte[] head) {
        return ByteBuffer.wrap(head).getInt(4) & 0xffffffffL;
    }
}
