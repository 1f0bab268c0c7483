package dev.selvage.lanes;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What a lane remembers besides its records. Kept in two slots of one file that are written in turn and in place: a torn write leaves the other slot, and a
 * full disk has the room already.
 */
record LaneState(long epoch, long next, Position acknowledged, Map<DropReason, Long> dropped) {
    private static final long MAGIC = 0x534c_564c_5354_0001L;
    private static final int SLOT = 512;
    private static final int REASONS = 16;
    private static final int BYTES = 8 * (6 + REASONS);

    /** The file behind the state; remembers which slot is the older one. */
    static final class File implements AutoCloseable {
        private final RandomAccessFile file;
        private long version;

        File(Path path) throws IOException {
            boolean fresh = !Files.exists(path);
            file = new RandomAccessFile(path.toFile(), "rw");
            if (fresh) {
                file.write(new byte[2 * SLOT]);
            }
        }

        Optional<LaneState> read() throws IOException {
            Optional<LaneState> newest = Optional.empty();
            for (int slot = 0; slot < 2; slot++) {
                Optional<ByteBuffer> bytes = slot(slot);
                if (bytes.isPresent() && bytes.get().getLong(8) >= version) {
                    version = bytes.get().getLong(8);
                    newest = bytes.map(LaneState::decode);
                }
            }
            return newest;
        }

        void write(LaneState state) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(BYTES + 8).putLong(MAGIC).putLong(version + 1);
            state.encode(bytes);
            bytes.putLong(checksum(bytes.array()));
            file.seek((version + 1) % 2 * SLOT);
            file.write(bytes.array());
            version++;
        }

        void force() throws IOException {
            file.getFD().sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }

        private Optional<ByteBuffer> slot(int slot) throws IOException {
            byte[] bytes = new byte[BYTES + 8];
            if (file.length() < slot * (long) SLOT + bytes.length) {
                return Optional.empty();
            }
            file.seek(slot * (long) SLOT);
            file.readFully(bytes);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            boolean holds = buffer.getLong(0) == MAGIC && buffer.getLong(BYTES) == checksum(bytes);
            return holds ? Optional.of(buffer) : Optional.empty();
        }

        private static long checksum(byte[] bytes) {
            CRC32C crc = new CRC32C();
            crc.update(bytes, 0, BYTES);
            return crc.getValue();
        }
    }

    private void encode(ByteBuffer into) {
        into.putLong(epoch).putLong(next).putLong(acknowledged.epoch()).putLong(acknowledged.sequence());
        long[] slots = new long[REASONS];
        dropped.forEach((reason, count) -> slots[reason.slot] = count);
        for (long slot : slots) {
            into.putLong(slot);
        }
    }

    private static LaneState decode(ByteBuffer from) {
        from.position(16);
        long epoch = from.getLong();
        long next = from.getLong();
        Position acknowledged = new Position(from.getLong(), from.getLong());
        Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            dropped.put(reason, from.getLong(from.position() + 8 * reason.slot));
        }
        return new LaneState(epoch, next, acknowledged, dropped);
    }
}
