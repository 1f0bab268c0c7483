package dev.selvage.containers;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** A body in chunks (RFC 9112, section 7.1). Trailers are read and dropped. */
final class ChunkedInput extends InputStream {
    private static final int LONGEST_SIZE_LINE = 256;
    private static final int MOST_TRAILERS = 64;

    private final InputStream in;
    private long left;
    private boolean first = true;
    private boolean ended;

    ChunkedInput(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0 && !ended) {
            next();
        }
        if (ended) {
            return -1;
        }
        int count = in.read(into, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw new EOFException("the body ended inside a chunk");
        }
        left -= count;
        return count;
    }

    private void next() throws IOException {
        if (!first && !HttpReply.line(in, LONGEST_SIZE_LINE).isEmpty()) {
            throw new IOException("a chunk is longer than its size says");
        }
        first = false;
        String line = HttpReply.line(in, LONGEST_SIZE_LINE);
        int semicolon = line.indexOf(';');
        String size = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
        try {
            left = Long.parseLong(size, 16);
        } catch (NumberFormatException e) {
            throw new IOException("chunk size \"" + size + "\": accepted: hexadecimal digits", e);
        }
        if (left < 0) {
            throw new IOException("chunk size " + size + " is negative");
        }
        if (left == 0) {
            ended = true;
            for (int i = 0; i < MOST_TRAILERS && !HttpReply.line(in, 8 << 10).isEmpty(); i++) {
                // a trailer
            }
        }
    }
}
