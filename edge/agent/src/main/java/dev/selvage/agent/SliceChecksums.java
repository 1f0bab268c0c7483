package dev.selvage.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selvage.model.ObjectKey;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What makes the slice's database tell a wrong value from a right one: SQLite checks how its pages hang together, not what is in them. Each row carries a CRC-32C over
 * all of its columns, and {@link Digest} is kept over all rows, for a page of an earlier time is right in itself.
 */
final class SliceChecksums {
    private SliceChecksums() {}

    static long row(ObjectKey key, String uid, long revision, byte[] json) {
        CRC32C crc = new CRC32C();
        text(crc, key.resource());
        text(crc, key.namespace());
        text(crc, key.name());
        text(crc, uid);
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(revision).flip());
        crc.update(json);
        return crc.getValue();
    }

    static long state(String name, String value) {
        CRC32C crc = new CRC32C();
        text(crc, name);
        text(crc, value);
        return crc.getValue();
    }

    private static void text(CRC32C crc, String text) {
        crc.update(text.getBytes(UTF_8));
        crc.update(0);
    }

    /**
     * Of a set of rows, in any order.
     *
     * @param sum of their checksums
     */
    record Digest(long rows, long sum) {
        static final Digest NONE = new Digest(0, 0);

        Digest with(long row) {
            return new Digest(rows + 1, sum + row);
        }

        Digest without(long row) {
            return new Digest(rows - 1, sum - row);
        }

        @Override
        public String toString() {
            return rows + ":" + Long.toHexString(sum);
        }
    }
}
