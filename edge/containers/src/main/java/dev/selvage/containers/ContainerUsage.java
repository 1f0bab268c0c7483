package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** What a container has written: its own layer, as the engine counts it, and the output that is kept. */
final class ContainerUsage {
    private final Engine engine;

    ContainerUsage(Engine engine) {
        this.engine = engine;
    }

    /** Bytes; 0 while the engine does not say. */
    long written(String container) {
        try {
            Optional<JsonNode> found = engine.find("/containers/" + container + "/json?size=1");
            return found.isEmpty() ? 0 : found.get().path("SizeRw").asLong() + log(Json.textAt(found.get(), "LogPath"));
        } catch (IOException e) {
            System.getLogger(ContainerUsage.class.getName())
                    .log(System.Logger.Level.DEBUG, "the size of {0} is not known: {1}", container, e.getMessage());
            return 0;
        }
    }

    /** With what has been rotated; 0 where the file is not one of this machine. */
    private static long log(String path) throws IOException {
        Path directory = Path.of(path).getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            return 0;
        }
        long sum = 0;
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(directory, Path.of(path).getFileName() + "*")) {
            for (Path file : files) {
                sum += size(file);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return sum;
    }

    /** The engine rotates while we look. */
    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException rotated) {
            return 0;
        }
    }
}
