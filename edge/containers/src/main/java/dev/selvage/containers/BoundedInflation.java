package dev.selvage.containers;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;

/** What comes out of a compressed stream, as long as it stays in proportion to what went in. */
final class BoundedInflation extends FilterInputStream {
    private final LongSupplier consumed;
    private final ArchiveLimits limits;
    private long produced;

    /** @param consumed compressed bytes so far */
    BoundedInflation(InputStream inflated, LongSupplier consumed, ArchiveLimits limits) {
        super(inflated);
        this.consumed = consumed;
        this.limits = limits;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = super.read(into, offset, length);
        produced += Math.max(0, count);
        if (produced > limits.bytes()) {
            throw new ArchiveException(
                    "", "unpacks to more than the %d bytes that are accepted".formatted(limits.bytes()));
        }
        if (produced > limits.ratioFrom() && produced / limits.ratio() > consumed.getAsLong()) {
            throw new ArchiveException(
                    "",
                    "unpacks to %d bytes from %d: accepted: at most %d for one"
                            .formatted(produced, consumed.getAsLong(), limits.ratio()));
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        byte[] passed = new byte[(int) Math.min(count, 16 << 10)];
        return Math.max(0, read(passed, 0, passed.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
