package dev.selvage.containers;

import java.nio.charset.StandardCharsets;

/** One head of 512 bytes, whose checksum is right. */
final class TarHead {
    private static final long LARGEST = 1L << 60;

    private final byte[] block;

    TarHead(byte[] block) throws ArchiveException {
        this.block = block;
        if (block.length < 512 || number(148, 8) != sum()) {
            throw new ArchiveException("", "is no tar archive, or a damaged one: a head's checksum does not hold");
        }
    }

    private long sum() {
        long sum = 0;
        for (int i = 0; i < block.length; i++) {
            sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xff;
        }
        return sum;
    }

    /** Archives older than ustar write a zero byte for a file. */
    char type() {
        return block[156] == 0 ? '0' : (char) (block[156] & 0xff);
    }

    boolean hasContent() {
        return type() < '1' || type() > '6';
    }

    String name() {
        String prefix = magic().equals("ustar\00000") ? text(345, 155) : "";
        return prefix.isEmpty() ? text(0, 100) : prefix + "/" + text(0, 100);
    }

    private String magic() {
        return new String(block, 257, 8, StandardCharsets.ISO_8859_1);
    }

    String link() {
        return text(157, 100);
    }

    long size() throws ArchiveException {
        return number(124, 12);
    }

    /** What a sparse file of GNU's older kind becomes. */
    long realSize() throws ArchiveException {
        return type() == 'S' ? number(483, 12) : 0;
    }

    /** Whether more of the map of such a file follows in blocks of its own. */
    boolean continues() {
        return type() == 'S' && block[482] == 1;
    }

    private String text(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.UTF_8);
    }

    /** Octal digits, or a number of base 256 whose first bit is set (GNU, star). */
    private long number(int at, int length) throws ArchiveException {
        long value = 0;
        if ((block[at] & 0x80) != 0) {
            value = block[at] & 0x7f;
            for (int i = at + 1; i < at + length; i++) {
                value = checked(value) << 8 >= LARGEST ? LARGEST : (value << 8) | (block[i] & 0xff);
            }
            return checked(value);
        }
        for (int i = at; i < at + length; i++) {
            int c = block[i];
            if (c == 0 || c == ' ') {
                continue;
            }
            if (c < '0' || c > '7') {
                throw new ArchiveException("", "is no tar archive: a number of a head is none");
            }
            value = value << 3 | c - '0';
        }
        return checked(value);
    }

    private static long checked(long value) throws ArchiveException {
        if (value < 0 || value >= LARGEST) {
            throw new ArchiveException(
                    "",
                    "an entry of %s bytes: accepted: less than %d".formatted(Long.toUnsignedString(value), LARGEST));
        }
        return value;
    }
}
