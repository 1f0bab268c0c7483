package dev.selvage.workloads;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A directory whose content changes as a whole, as upstream's atomic writer makes it: files lie in a directory of their
 * own, {@code ..data} points to it, the names that users see point through {@code ..data}, and a change moves that link.
 */
final class ProjectedDirectory {
    private static final String DATA = "..data";

    private final Path directory;
    private final Owner owner;

    /** @param uid -1 = leave files to the agent's own user */
    record Owner(int uid, int gid) {}

    /** @param mode permission bits */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
    record File(byte[] content, int mode) {}

    ProjectedDirectory(Path directory, Owner owner) {
        this.directory = directory;
        this.owner = owner;
    }

    /** True when the content had to change. */
    boolean write(Map<String, File> files) throws IOException {
        Files.createDirectories(directory);
        mode(directory, 0755);
        boolean changed = !holds(files);
        if (changed) {
            Path fresh = Files.createTempDirectory(directory, "..");
            try {
                fill(fresh, files);
                link(directory.resolve(DATA), fresh.getFileName());
            } catch (IOException e) {
                OwnFiles.deleteTree(fresh); // it is tried again: nothing may pile up on a full disk
                throw e;
            }
        }
        // Also when a crash came before: the content was there, not all of its names.
        Set<String> names = new HashSet<>();
        for (String path : files.keySet()) {
            String top = Path.of(path).getName(0).toString();
            if (names.add(top) && !Files.isSymbolicLink(directory.resolve(top))) {
                link(directory.resolve(top), Path.of(DATA, top));
            }
        }
        removeStale(names, directory.resolve(Files.readSymbolicLink(directory.resolve(DATA))));
        return changed;
    }

    private void fill(Path fresh, Map<String, File> files) throws IOException {
        mode(fresh, 0755);
        for (Map.Entry<String, File> file : files.entrySet()) {
            Path target = fresh.resolve(file.getKey());
            Files.createDirectories(target.getParent());
            Files.write(target, file.getValue().content());
            if (owner.uid() >= 0) {
                OwnFiles.owner(target, owner.uid(), owner.gid());
            }
            mode(target, file.getValue().mode());
        }
    }

    private boolean holds(Map<String, File> files) throws IOException {
        Path data = directory.resolve(DATA);
        if (!Files.isDirectory(data)) {
            return false;
        }
        Map<String, Path> present = new TreeMap<>();
        Path real = data.toRealPath();
        try (var tree = Files.walk(real)) {
            tree.filter(Files::isRegularFile)
                    .forEach(p -> present.put(real.relativize(p).toString(), p));
        }
        if (!present.keySet().equals(files.keySet())) {
            return false;
        }
        for (Map.Entry<String, File> file : files.entrySet()) {
            Path path = java.util.Objects.requireNonNull(present.get(file.getKey()));
            if (!Arrays.equals(Files.readAllBytes(path), file.getValue().content())
                    || !Files.getPosixFilePermissions(path)
                            .equals(permissions(file.getValue().mode()))) {
                return false;
            }
        }
        return true;
    }

    /** Removes names no longer wanted, the content before, and what a crash may have left. */
    private void removeStale(Set<String> names, Path current) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!names.contains(name) && !name.equals(DATA) && !entry.equals(current)) {
                    OwnFiles.deleteTree(entry);
                }
            }
        }
    }

    private void link(Path at, Path target) throws IOException {
        Path next = directory.resolve("..next");
        Files.deleteIfExists(next);
        Files.createSymbolicLink(next, target);
        Files.move(next, at, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static void mode(Path path, int mode) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.setPosixFilePermissions(path, permissions(mode));
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] all = PosixFilePermission.values();
        for (int bit = 0; bit < all.length; bit++) {
            if ((mode & (0400 >> bit)) != 0) {
                permissions.add(all[bit]);
            }
        }
        return permissions;
    }
}
