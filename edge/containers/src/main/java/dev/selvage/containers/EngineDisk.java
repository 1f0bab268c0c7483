package dev.selvage.containers;

import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The disk on which the engine keeps images and containers. */
final class EngineDisk {
    private final Engine engine;

    EngineDisk(Engine engine) {
        this.engine = engine;
    }

    /**
     * @param root the engine's directory
     * @param total bytes
     * @param free bytes that may be used
     */
    record Space(Path root, long total, long free) {
        /** What there is besides a part that has to stay free. */
        long beside(int percent) {
            return free - total / 100 * percent;
        }

        String scarcity(int percent) {
            return "the engine's disk (%s) has %d bytes free, less than the %d %% that are kept"
                    .formatted(root, free, percent);
        }
    }

    /** Empty where the engine's files are not where this program could see them. */
    Optional<Space> look() throws IOException {
        return look(Path.of(Json.textAt(engine.get("/info"), "DockerRootDir")));
    }

    static Optional<Space> look(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return Optional.empty();
        }
        FileStore disk = Files.getFileStore(root);
        return Optional.of(new Space(root, disk.getTotalSpace(), disk.getUsableSpace()));
    }
}
