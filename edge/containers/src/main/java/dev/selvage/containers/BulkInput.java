package dev.selvage.containers;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that looks at what it passes on, many bytes at a time: one byte is read, and bytes are passed over, as many are read. Nothing is read twice. */
abstract class BulkInput extends FilterInputStream {
    private static final int STEP = 16 << 10;

    BulkInput(InputStream in) {
        super(in);
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] into, int offset, int length) throws IOException;

    @Override
    public long skip(long count) throws IOException {
        byte[] passed = new byte[Math.clamp(count, 0, STEP)];
        return Math.max(0, read(passed, 0, passed.length));
    }

    @Override
    public final boolean markSupported() {
        return false;
    }
}
