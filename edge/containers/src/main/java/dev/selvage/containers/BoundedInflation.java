package dev.selvage.containers;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;

/** What comes out of a compressed stream, as long as it stays in proportion to what went in. */
final class BoundedInflation extends BulkInput {
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
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = in.read(into, offset, length);
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
}
