package dev.selvage.telemetry;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Bytes that grow, with protobuf's variable-length integers; and how they are packed. */
final class ByteSink {
    /** A packed piece that would grow beyond this is taken for damage. */
    private static final int MAX_UNPACKED = 64 << 20;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void put(int octet) {
        bytes.write(octet);
    }

    void varint(long number) {
        long rest = number;
        while ((rest & ~0x7fL) != 0) {
            bytes.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    void signed(long number) {
        varint(PointCodec.zigzag(number));
    }

    byte[] packed() {
        byte[] plain = bytes.toByteArray();
        try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
            deflater.setInput(plain);
            deflater.finish();
            ByteArrayOutputStream packed = new ByteArrayOutputStream(plain.length / 2 + 16);
            byte[] buffer = new byte[4096];
            while (!deflater.finished()) {
                packed.write(buffer, 0, deflater.deflate(buffer));
            }
            return packed.toByteArray();
        }
    }

    static ByteBuffer unpack(byte[] packed) {
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(packed);
            ByteArrayOutputStream plain = new ByteArrayOutputStream(packed.length * 3);
            byte[] buffer = new byte[8192];
            while (!inflater.finished()) {
                int read = inflater.inflate(buffer);
                if ((read == 0 && (inflater.needsInput() || inflater.needsDictionary()))
                        || plain.size() > MAX_UNPACKED) {
                    throw new IllegalArgumentException("chunk: damaged, " + packed.length + " bytes");
                }
                plain.write(buffer, 0, read);
            }
            return ByteBuffer.wrap(plain.toByteArray());
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("chunk: damaged, " + e.getMessage(), e);
        }
    }

    static long varint(ByteBuffer source) {
        long number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte octet = source.get();
            number |= (octet & 0x7fL) << shift;
            if (octet >= 0) {
                return number;
            }
        }
        throw new IllegalArgumentException("chunk: a number of more than ten bytes");
    }

    static long signed(ByteBuffer source) {
        return PointCodec.unzigzag(varint(source));
    }
}
