package dev.selvage.containers;

import dev.selvage.files.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;

/**
 * Names that imports have given, which image collection leaves alone: at a site without a registry nothing brings those images
 * back. A file each, so that an agent that runs and commands beside it need no lock.
 */
final class ImportedImages {
    private final Path directory;

    ImportedImages(Path directory) {
        this.directory = directory;
    }

    /** @param name in the engine's words; false when it was kept before */
    boolean keep(String name) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        }
        Path file = file(name);
        if (Files.exists(file)) {
            return false;
        }
        DurableFile.replacePrivate(file, name.getBytes(StandardCharsets.UTF_8));
        return true;
    }

    void release(String name) throws IOException {
        Files.deleteIfExists(file(name));
    }

    private Path file(String name) {
        return directory.resolve(
                PauseImage.digest(name.getBytes(StandardCharsets.UTF_8)).substring("sha256:".length()));
    }

    Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        if (!Files.isDirectory(directory)) {
            return names;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                directory, "????????????????????????????????????????????????????????????????")) {
            for (Path file : files) {
                names.add(Files.readString(file));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }
}
