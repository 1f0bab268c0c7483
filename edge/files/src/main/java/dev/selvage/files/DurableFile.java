package dev.selvage.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/** Replaces files whole and durably: after a crash or a power cut there is the old content or the new one. */
public final class DurableFile {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private DurableFile() {}

    /** A file that other users may read if its directory lets them. */
    public static void replace(Path file, byte[] content) throws IOException {
        write(file, content);
    }

    /** A file that nobody but its owner ever reads. */
    public static void replacePrivate(Path file, byte[] content) throws IOException {
        write(file, content, OWNER_ONLY);
    }

    private static void write(Path file, byte[] content, FileAttribute<?>... attributes) throws IOException {
        Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a directory");
        Path next = directory.resolve(file.getFileName() + ".next");
        // What a crash left may have other rights.
        Files.deleteIfExists(next);
        try {
            fill(next, content, attributes);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            giveBack(next, e);
            throw e;
        }
        try (FileChannel handle = FileChannel.open(directory, StandardOpenOption.READ)) {
            handle.force(true);
        }
    }

    private static void fill(Path file, byte[] content, FileAttribute<?>... attributes) throws IOException {
        Set<StandardOpenOption> anew = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, anew, attributes)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) { // a disk that is nearly full takes a part
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** On a full disk half a file is space that others wait for. */
    private static void giveBack(Path file, IOException e) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException again) {
            e.addSuppressed(again);
        }
    }
}
