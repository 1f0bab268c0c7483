package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Volumes that are a place of the node (core/v1 HostPathVolumeSource): checked by their type, in upstream's words. */
final class HostPaths {
    private static final int TYPE = 0170000;
    private static final int CHARACTER = 0020000;
    private static final int BLOCK = 0060000;
    private static final int SOCKET = 0140000;

    private HostPaths() {}

    /** Makes what the type says may be made; why the volume cannot be mounted yet, or empty. */
    static Optional<String> missing(JsonNode volume) throws IOException {
        Path path = Path.of(Json.textAt(volume, "hostPath", "path"));
        String type = Json.textAt(volume, "hostPath", "type");
        switch (type) {
            case "", "DirectoryOrCreate" -> directory(path, type);
            case "FileOrCreate" -> file(path);
            default -> {
                // only looked at
            }
        }
        return is(path, type)
                ? Optional.empty()
                : Optional.of("MountVolume.SetUp failed for volume \"%s\" : hostPath type check failed: %s is not a %s"
                        .formatted(Json.textAt(volume, "name"), path, words(type)));
    }

    /** Without a type upstream's engines make a directory that is not there. */
    private static void directory(Path path, String type) throws IOException {
        if (!Files.exists(path)) {
            Files.createDirectories(path);
            if (!type.isEmpty()) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    private static void file(Path path) throws IOException {
        if (!Files.exists(path)) {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        }
    }

    private static boolean is(Path path, String type) throws IOException {
        return switch (type) {
            case "" -> Files.exists(path);
            case "Directory", "DirectoryOrCreate" -> Files.isDirectory(path);
            case "File", "FileOrCreate" -> Files.isRegularFile(path);
            case "Socket" -> Files.exists(path) && type(path) == SOCKET;
            case "CharDevice" -> Files.exists(path) && type(path) == CHARACTER;
            case "BlockDevice" -> Files.exists(path) && type(path) == BLOCK;
            default -> false;
        };
    }

    private static int type(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:mode") & TYPE;
    }

    private static String words(String type) {
        return switch (type) {
            case "Directory", "DirectoryOrCreate" -> "directory";
            case "File", "FileOrCreate" -> "file";
            case "Socket" -> "socket file";
            case "CharDevice" -> "character device";
            case "BlockDevice" -> "block device";
            default -> "path of an accepted type";
        };
    }
}
