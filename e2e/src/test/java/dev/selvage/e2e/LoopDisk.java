package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A small ext4 file system in a file, mounted where the test wants it; it needs root and a loop device. */
final class LoopDisk implements AutoCloseable {
    private final Path mount;

    private LoopDisk(Path mount) {
        this.mount = mount;
    }

    static LoopDisk mount(Path image, Path mount, int mebibytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((long) mebibytes << 20);
        }
        Files.createDirectories(mount);
        command("mkfs.ext4", "-q", "-F", image.toString()).succeeded();
        command("mount", "-o", "loop,errors=remount-ro", image.toString(), mount.toString())
                .succeeded();
        return new LoopDisk(mount);
    }

    /** Until not a byte is left, of what root may use as well. */
    void fill() {
        Path filler = mount.resolve("filler-" + System.nanoTime());
        Command.Result result = command("dd", "if=/dev/zero", "of=" + filler, "bs=64k", "conv=fsync");
        assertThat(result.output()).contains("No space left on device");
        command("dd", "if=/dev/zero", "of=" + filler + "-rest", "bs=1k", "conv=fsync");
    }

    void free() throws IOException {
        try (var files = Files.newDirectoryStream(mount, "filler-*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    /** No file here can be changed, also those that are open: what {@code mount -o remount,ro} refuses to do while there are any. */
    void readOnly(boolean on) {
        // Files that come and go meanwhile are told and passed over.
        command("chattr", "-R", "-f", on ? "+i" : "-i", mount.toString());
    }

    /** The kernel finds the file system broken: it becomes read-only under whoever writes, until it is mounted anew. */
    void breakDown() {
        String device = Path.of(command("findmnt", "-no", "SOURCE", mount.toString())
                        .succeeded()
                        .output()
                        .strip())
                .getFileName()
                .toString();
        try {
            Files.writeString(Path.of("/sys/fs/ext4", device, "trigger_fs_error"), "1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        command("umount", "-l", mount.toString());
    }

    private static Command.Result command(String... line) {
        return new Command(List.of(line)).run(Duration.ofMinutes(1));
    }
}
