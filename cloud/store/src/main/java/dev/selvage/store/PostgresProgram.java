package dev.selvage.store;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The PostgreSQL programs, unpacked once from the jar of {@code io.zonky.test.postgres}. */
record PostgresProgram(Path directory) {
    private static final String VERSION = "18.4.0";

    /** Unpacks below {@code parent} unless that is done; a half-done copy of a killed process is never used. */
    static PostgresProgram unpack(Path parent) throws IOException {
        String machine = machine();
        Path target = parent.resolve("postgres-" + VERSION + "-" + machine);
        if (!Files.isDirectory(target)) {
            Files.createDirectories(parent);
            Path half = Files.createTempDirectory(parent, ".unpack");
            try {
                extract("/postgres-linux-" + machine + ".txz", half);
                Files.setPosixFilePermissions(half, permissions(0755));
                publish(half, target);
            } finally {
                deleteTree(half);
            }
        }
        return new PostgresProgram(target);
    }

    Path binary(String name) {
        return directory.resolve("bin").resolve(name);
    }

    private static String machine() {
        String arch = System.getProperty("os.arch");
        return switch (arch) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            default ->
                throw new StoreException("embedded PostgreSQL: found machine " + arch
                        + ", accepted are amd64 and aarch64; give a jdbc-url instead");
        };
    }

    private static void extract(String resource, Path into) throws IOException {
        try (InputStream raw = PostgresProgram.class.getResourceAsStream(resource)) {
            if (raw == null) {
                throw new StoreException("embedded PostgreSQL: " + resource + " is not on the class path");
            }
            try (var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(raw)))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    extract(entry, tar, into);
                }
            }
        }
    }

    private static void extract(TarArchiveEntry entry, InputStream content, Path into) throws IOException {
        Path path = into.resolve(entry.getName()).normalize();
        if (!path.startsWith(into)) {
            throw new IOException("archive entry outside its directory: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
            Files.copy(content, path);
            Files.setPosixFilePermissions(path, permissions(entry.getMode()));
        }
    }

    private static void publish(Path half, Path target) throws IOException {
        try {
            Files.move(half, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isDirectory(target)) {
                throw e;
            }
            // another process was faster, and its copy is as good
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        return (mode & 0111) != 0
                ? java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x")
                : java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--");
    }

    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        }
    }
}
