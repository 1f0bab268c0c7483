package dev.selvage.containers;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the heads of a tar archive, one after the other (POSIX.1-2001 ustar and pax; GNU long names, large numbers and sparse
 * files). Nothing is believed: numbers are checked, names and extended heads bounded.
 */
final class TarReader {
    private static final int BLOCK = 512;
    private static final int LONGEST_EXTENSION = 1 << 20;
    private static final int LONGEST_NAME = 4096;

    private final InputStream in;
    private long left;
    private long padding;

    TarReader(InputStream in) {
        this.in = in;
    }

    /**
     * The next entry, whose bytes {@link #content} gives; what is left of the one before is passed over. Empty at the end.
     *
     * @throws ArchiveException for what is no tar archive
     */
    Optional<TarEntry> next() throws IOException {
        Map<String, String> extended = new HashMap<>();
        while (true) {
            pass(left + padding);
            left = 0;
            padding = 0;
            byte[] head = in.readNBytes(BLOCK);
            if (head.length == 0 || isZero(head)) {
                return Optional.empty();
            }
            TarHead raw = new TarHead(head);
            switch (raw.type()) {
                case 'x' -> pax(extension(raw), extended);
                case 'g' -> pass(padded(raw.size()));
                case 'L' -> extended.put("path", text(extension(raw)));
                case 'K' -> extended.put("linkpath", text(extension(raw)));
                default -> {
                    return Optional.of(entry(raw, extended));
                }
            }
        }
    }

    private TarEntry entry(TarHead head, Map<String, String> extended) throws IOException {
        String name = extended.getOrDefault("GNU.sparse.name", extended.getOrDefault("path", head.name()));
        if (name.length() > LONGEST_NAME) {
            throw new ArchiveException(
                    "", "a name of %d characters: accepted: at most %d".formatted(name.length(), LONGEST_NAME));
        }
        long size = head.hasContent() ? number(extended, "size", head.size()) : 0;
        long real = Math.max(head.realSize(), size);
        real = number(extended, "GNU.sparse.size", real);
        real = number(extended, "GNU.sparse.realsize", real);
        for (boolean more = head.continues(); more; ) {
            byte[] sparse = in.readNBytes(BLOCK);
            more = sparse.length == BLOCK && sparse[504] == 1;
        }
        left = size;
        padding = padded(size) - size;
        return new TarEntry(
                name, head.type(), size, Math.max(real, size), extended.getOrDefault("linkpath", head.link()));
    }

    /** The bytes of the entry that {@link #next} gave, once. */
    InputStream content() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (left == 0) {
                    return -1;
                }
                int count = in.read(into, offset, (int) Math.min(length, left));
                if (count < 0) {
                    throw cutOff(left);
                }
                left -= count;
                return count;
            }
        };
    }

    private void pass(long count) throws IOException {
        try {
            in.skipNBytes(count);
        } catch (EOFException e) {
            throw cutOff(count);
        }
    }

    private static ArchiveException cutOff(long missing) {
        return new ArchiveException(
                "", "is cut off: at least %d bytes are declared that do not come".formatted(missing));
    }

    private byte[] extension(TarHead head) throws IOException {
        if (head.size() > LONGEST_EXTENSION) {
            throw new ArchiveException(
                    "", "an extended head of %d bytes: accepted: at most %d".formatted(head.size(), LONGEST_EXTENSION));
        }
        byte[] content = in.readNBytes((int) head.size());
        pass(padded(head.size()) - content.length);
        return content;
    }

    /** {@code LENGTH KEY=VALUE\n}, the length counts itself. */
    private static void pax(byte[] records, Map<String, String> into) throws ArchiveException {
        int at = 0;
        while (at < records.length) {
            int space = at;
            int length = 0;
            while (space < records.length
                    && records[space] >= '0'
                    && records[space] <= '9'
                    && length <= records.length) {
                length = length * 10 + records[space++] - '0';
            }
            if (space >= records.length
                    || records[space] != ' '
                    || length < space - at + 2
                    || at + length > records.length) {
                throw new ArchiveException("", "an extended head that is no pax record (POSIX.1-2001, pax)");
            }
            String record = new String(records, space + 1, at + length - space - 2, StandardCharsets.UTF_8);
            int equals = record.indexOf('=');
            if (equals > 0) {
                into.put(record.substring(0, equals), record.substring(equals + 1));
            }
            at += length;
        }
    }

    private static long number(Map<String, String> extended, String key, long otherwise) throws ArchiveException {
        String text = extended.get(key);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("\\d{1,18}")) {
            throw new ArchiveException("", "extended head %s: found \"%s\", accepted is a number".formatted(key, text));
        }
        return Long.parseLong(text);
    }

    private static String text(byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private static long padded(long size) {
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }
}
