package dev.selvage.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * A small file that is replaced whole and whose every bit is checked when it is read: a line {@code #selvage LENGTH CRC32C}, both as eight hexadecimal digits, and
 * the content after it. What the disk has damaged is set aside under another name and told, never read.
 */
public final class CheckedFile {
    private static final int HEADER = "#selvage 00000000 00000000\n".length();
    private static final int MAX_BYTES = 64 << 20;

    private final Path file;
    private final Consumer<String> faults;

    /**
     * @param faults hears in words what was set aside
     */
    public CheckedFile(Path file, Consumer<String> faults) {
        this.file = file;
        this.faults = faults;
    }

    /** Durable when it returns. */
    public void write(byte[] content) throws IOException {
        DurableFile.replacePrivate(file, bytes(content));
    }

    /**
     * Empty when there is no file or none that can be trusted.
     *
     * @throws IOException when the disk does not answer; the file stays where it is
     */
    public Optional<byte[]> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (Files.size(file) <= MAX_BYTES) {
            Optional<byte[]> content = content(Files.readAllBytes(file));
            if (content.isPresent()) {
                return content;
            }
        }
        setAside("its checksum does not hold");
        return Optional.empty();
    }

    /** The content behind the header of a whole file; empty when a bit of either is wrong. */
    public static Optional<byte[]> content(byte[] file) {
        if (file.length < HEADER) {
            return Optional.empty();
        }
        byte[] content = Arrays.copyOfRange(file, HEADER, file.length);
        return Arrays.equals(header(content), Arrays.copyOf(file, HEADER)) ? Optional.of(content) : Optional.empty();
    }

    /** The bytes of a whole file with that content. */
    public static byte[] bytes(byte[] content) {
        byte[] header = header(content);
        byte[] all = Arrays.copyOf(header, header.length + content.length);
        System.arraycopy(content, 0, all, header.length, content.length);
        return all;
    }

    /** For content that is whole and yet not what it should be. */
    public void setAside(String why) throws IOException {
        Path aside = Damaged.setAside(file);
        faults.accept("%s: %s; it is set aside as %s".formatted(file, why, aside.getFileName()));
    }

    private static byte[] header(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return "#selvage %08x %08x\n"
                .formatted(content.length, (int) crc.getValue())
                .getBytes(StandardCharsets.US_ASCII);
    }
}
