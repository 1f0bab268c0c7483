package dev.selvage.streams;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A small file that is replaced as a whole: magic, length, CRC-32C, content. What is damaged is set aside under another name,
 * never read.
 */
final class SafeFile {
    private static final int MAGIC = 0x53_4c_56_31;
    private static final int HEADER = 12;
    private static final int MAX_BYTES = 64 << 20;
    private static final System.Logger LOG = System.getLogger(SafeFile.class.getName());

    private final Path file;
    private final Path fresh;

    SafeFile(Path directory, String name) {
        file = directory.resolve(name);
        fresh = directory.resolve(name + ".new");
    }

    /** Durable when it returns. */
    void write(byte[] content) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(HEADER + content.length);
        buffer.putInt(MAGIC)
                .putInt(content.length)
                .putInt(crc(content))
                .put(content)
                .flip();
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Empty when there is no file or none that can be trusted. */
    Optional<byte[]> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        long size = Files.size(file);
        if (size >= HEADER && size <= MAX_BYTES) {
            ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file));
            boolean whole = buffer.getInt() == MAGIC && buffer.getInt() == size - HEADER;
            int crc = buffer.getInt();
            byte[] content = new byte[buffer.remaining()];
            buffer.get(content);
            if (whole && crc == crc(content)) {
                return Optional.of(content);
            }
        }
        setAside("its checksum is wrong");
        return Optional.empty();
    }

    void setAside(String why) throws IOException {
        Path damaged = file.resolveSibling(file.getFileName() + ".damaged");
        LOG.log(System.Logger.Level.WARNING, "{0}: {1}; set aside as {2}", file, why, damaged.getFileName());
        Files.move(file, damaged, StandardCopyOption.REPLACE_EXISTING);
    }

    private static int crc(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }
}
