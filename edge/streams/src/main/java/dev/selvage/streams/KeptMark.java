package dev.selvage.streams;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.OptionalLong;

/**
 * Until when everything that was read is kept, in the checkpoint or in the lanes: the modification time of a file. Only
 * metadata is written, ten times a second at most, and a power cut can only set it back, which is the safe side.
 */
final class KeptMark {
    private final Path file;
    private final OptionalLong before;

    private KeptMark(Path file, OptionalLong before) {
        this.file = file;
        this.before = before;
    }

    static KeptMark open(Path directory) throws IOException {
        Path file = directory.resolve("kept");
        if (Files.exists(file)) {
            return new KeptMark(
                    file, OptionalLong.of(Files.getLastModifiedTime(file).toMillis()));
        }
        return new KeptMark(file, OptionalLong.empty());
    }

    /** Where the run before this one left it, in milliseconds of Unix time; empty when there was none. */
    OptionalLong before() {
        return before;
    }

    void move(long millis) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
        Files.setLastModifiedTime(file, FileTime.fromMillis(millis));
    }
}
