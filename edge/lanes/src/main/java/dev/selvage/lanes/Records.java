package dev.selvage.lanes;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a segment: eight bytes of magic and version, then per record its length (4), a CRC-32C (4) over epoch, sequence and payload, and the payload;
 * big-endian. Since the checksum covers the identity, bytes left over from elsewhere never pass for a record.
 */
final class Records {
    static final int HEADER = 8;
    static final int FRAME = 8;
    private static final byte[] MAGIC = {'S', 'L', 'V', 'L', 'A', 'N', 'E', 1};

    private Records() {}

    static byte[] header() {
        return MAGIC.clone();
    }

    static byte[] frame(long epoch, long sequence, byte[] payload) {
        return ByteBuffer.allocate(FRAME + payload.length)
                .putInt(payload.length)
                .putInt(checksum(epoch, sequence, payload))
                .put(payload)
                .array();
    }

    /**
     * What a read gave.
     *
     * @param next sequence after the last record given
     * @param offset where the record {@code next} begins
     * @param intact false when the bytes at {@code offset} are no record although one should be there
     * @param damaged how many records the damaged rest seems to hold, as far as lengths can be followed; at least 1 unless intact
     */
    record Read(List<byte[]> records, long next, long offset, boolean intact, long damaged) {}

    /** Reads the records of a segment from a sequence on, up to {@code until}, until they exceed {@code maxBytes}; always at least one. */
    static Read read(Segment segment, long from, long until, int maxBytes, int maxRecord) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(segment.path.toFile(), "r")) {
            Cursor cursor = new Cursor(file, segment, maxRecord);
            return cursor.read(from, until, maxBytes);
        }
    }

    /** Reads a whole segment of which nothing is known but its name. */
    static Read scan(Segment segment, int maxRecord) throws IOException {
        return read(segment, segment.first, Long.MAX_VALUE, Integer.MAX_VALUE, maxRecord);
    }

    private static int checksum(long epoch, long sequence, byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putLong(epoch).putLong(sequence).flip());
        crc.update(payload);
        return (int) crc.getValue();
    }

    private static final class Cursor {
        private final RandomAccessFile file;
        private final Segment segment;
        private final int maxRecord;
        private final long length;
        private final List<byte[]> records = new ArrayList<>();
        private long sequence;
        private long offset;
        private int checksum;

        Cursor(RandomAccessFile file, Segment segment, int maxRecord) throws IOException {
            this.file = file;
            this.segment = segment;
            this.maxRecord = maxRecord;
            this.length = file.length();
            this.sequence = segment.first;
            this.offset = HEADER;
        }

        Read read(long from, long until, int maxBytes) throws IOException {
            if (!headerHolds()) {
                return new Read(records, sequence, offset, length == 0, follow());
            }
            long[] floor = segment.floor(from);
            sequence = floor[0];
            offset = floor[1];
            long bytes = 0;
            while (sequence < until) {
                boolean atEnd = until == Long.MAX_VALUE && offset == length;
                byte[] payload = atEnd ? null : payload();
                if (payload == null) {
                    return new Read(records, sequence, offset, atEnd, atEnd ? 0 : follow());
                }
                if (sequence >= from) {
                    bytes += payload.length + FRAME;
                    if (!records.isEmpty() && bytes > maxBytes) {
                        break;
                    }
                    records.add(payload);
                }
                sequence++;
                offset += FRAME + payload.length;
            }
            segment.mark(sequence, offset);
            return new Read(records, sequence, offset, true, 0);
        }

        private boolean headerHolds() throws IOException {
            return length >= HEADER && Arrays.equals(bytes(0, HEADER), MAGIC);
        }

        private byte @Nullable [] payload() throws IOException {
            int size = sizeAt(offset);
            if (size < 0) {
                return null;
            }
            byte[] payload = bytes(offset + FRAME, size);
            return checksum(segment.epoch, sequence, payload) == checksum ? payload : null;
        }

        /** The record's length, or -1 when there cannot be such a record; leaves its checksum behind. */
        private int sizeAt(long at) throws IOException {
            if (at + FRAME > length) {
                return -1;
            }
            ByteBuffer frame = ByteBuffer.wrap(bytes(at, FRAME));
            int size = frame.getInt();
            checksum = frame.getInt();
            return size < 0 || size > maxRecord || at + FRAME + size > length ? -1 : size;
        }

        private byte[] bytes(long at, int count) throws IOException {
            byte[] bytes = new byte[count];
            file.seek(at);
            file.readFully(bytes);
            return bytes;
        }

        private long follow() throws IOException {
            long count = 0;
            for (long at = offset; at < length; count++) {
                int size = sizeAt(at);
                if (size < 0) {
                    return count + 1;
                }
                at += FRAME + size;
            }
            return count;
        }
    }
}
