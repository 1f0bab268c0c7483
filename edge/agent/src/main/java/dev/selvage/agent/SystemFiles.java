package dev.selvage.agent;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the kernel's files below a root (the real one, or a test's); what is absent or odd is empty, never an error. */
record SystemFiles(Path root) {
    static final SystemFiles REAL = new SystemFiles(Path.of("/"));

    /** The content without white space around it. */
    Optional<String> text(String path) {
        try {
            return Optional.of(Files.readString(root.resolve(path)).strip()).filter(t -> !t.isEmpty());
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    List<String> lines(String path) {
        return text(path).map(t -> t.lines().toList()).orElse(List.of());
    }

    Optional<Long> number(String path) {
        return text(path).flatMap(SystemFiles::number0);
    }

    private static Optional<Long> number0(String text) {
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Paths, relative to the root, of a directory's entries that match a glob. */
    List<String> list(String directory, String glob) {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root.resolve(directory), glob)) {
            entries.forEach(entry -> found.add(root.relativize(entry).toString()));
        } catch (IOException e) {
            return List.of();
        }
        found.sort(null);
        return found;
    }

    /** The value of a {@code Name:   123 kB} line, in bytes. */
    Optional<Long> kibibytes(String path, String name) {
        return lines(path).stream()
                .filter(line -> line.startsWith(name + ":"))
                .findFirst()
                .flatMap(line -> number0(
                        line.substring(name.length() + 1).replace("kB", "").strip()))
                .map(kib -> kib * 1024);
    }
}
