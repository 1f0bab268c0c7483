package dev.selvage.containers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes a body in chunks (RFC 9112, section 7.1); closing ends the body, not the connection. */
final class ChunkedOutput extends OutputStream {
    private static final byte[] END = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LINE = "\r\n".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream out;
    private final byte[] buffer = new byte[32 << 10];
    private int used;

    ChunkedOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int count = Math.min(length - done, buffer.length - used);
            System.arraycopy(from, offset + done, buffer, used, count);
            used += count;
            done += count;
            if (used == buffer.length) {
                flush();
            }
        }
    }

    @Override
    public void flush() throws IOException {
        if (used > 0) {
            out.write((Integer.toHexString(used) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(buffer, 0, used);
            out.write(LINE);
            used = 0;
        }
    }

    @Override
    public void close() throws IOException {
        flush();
        out.write(END);
    }
}
