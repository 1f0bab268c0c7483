package dev.selvage.files;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Files that cannot be trusted, kept for whoever wants to look: {@code NAME.damaged-TIME}, the newest three of each name. */
public final class Damaged {
    private static final int KEPT = 3;
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Damaged() {}

    /**
     * Renames the file, and with it those that belong to it.
     *
     * @param suffixes of files beside it that belong to it, such as a write-ahead log
     */
    public static Path setAside(Path file, String... suffixes) throws IOException {
        Path target = sibling(file, ".damaged-" + STAMP.format(Instant.now()));
        move(file, target);
        for (String suffix : suffixes) {
            move(sibling(file, suffix), sibling(target, suffix));
        }
        deleteOld(file, suffixes);
        return target;
    }

    private static void move(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void deleteOld(Path file, String... suffixes) throws IOException {
        List<Path> all = of(file, suffixes);
        for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
            Files.deleteIfExists(old);
            for (String suffix : suffixes) {
                Files.deleteIfExists(sibling(old, suffix));
            }
        }
    }

    /** From the oldest to the newest. */
    private static List<Path> of(Path file, String... suffixes) throws IOException {
        List<Path> found = new ArrayList<>();
        Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
        String prefix = file.getFileName() + ".damaged-";
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.startsWith(prefix) && List.of(suffixes).stream().noneMatch(name::endsWith)) {
                    found.add(entry);
                }
            }
        }
        found.sort(null);
        return found;
    }

    private static Path sibling(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
