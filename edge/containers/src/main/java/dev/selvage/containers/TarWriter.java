package dev.selvage.containers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes a tar archive (POSIX.1-1988 ustar) of small files: no owner but root, no time but the epoch, so that the same content gives the same bytes. */
final class TarWriter {
    private static final int BLOCK = 512;
    private static final long MOST_OCTAL = 1L << 33;

    private final OutputStream out;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * @param name at most 100 bytes
     * @param mode permission bits
     */
    void file(String name, int mode, byte[] content) throws IOException {
        out.write(header(name, mode, content.length));
        out.write(content);
        out.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
    }

    /** A file of any length, readable by all. */
    void file(String name, long size, InputStream content) throws IOException {
        out.write(header(name, 0444, size));
        if (content.transferTo(out) != size) {
            throw new IOException("\"%s\" is not as long as the %d bytes that were said".formatted(name, size));
        }
        out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    }

    private static byte[] header(String name, int mode, long size) {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "%07o".formatted(mode));
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        size(header, size);
        put(header, 136, "00000000000");
        put(header, 148, "        "); // the checksum counts itself as spaces
        header[156] = '0';
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        return header;
    }

    /** Eleven octal digits; from 8 GiB on a number of base 256, as GNU tar has it. */
    private static void size(byte[] header, long size) {
        if (size < MOST_OCTAL) {
            put(header, 124, "%011o".formatted(size));
            return;
        }
        header[124] = (byte) 0x80;
        for (int i = 0; i < Long.BYTES; i++) {
            header[135 - i] = (byte) (size >>> (8 * i));
        }
    }

    void end() throws IOException {
        out.write(new byte[2 * BLOCK]);
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
