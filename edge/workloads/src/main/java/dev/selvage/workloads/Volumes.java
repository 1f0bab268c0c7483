package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Pod;
import dev.selvage.model.PodContainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The volumes of one pod on the host. ConfigMaps and emptyDir lie on disk; on tmpfs lie Secrets, projected volumes that
 * have one, tokens and emptyDir with medium Memory. Files belong to the pod's user, so that mode 0400 works without root inside.
 */
final class Volumes {
    static final String TOKEN_DIRECTORY = "/run/secrets/selvage.dev";

    private static final String TOKEN_VOLUME = "selvage.token"; // no pod's volume may have a dot in its name

    private final Path disk;
    private final Path memory;
    private final Configs configs;
    private final NodeResources node;
    private final int user;
    private final boolean root = OwnFiles.root();

    /** @param user owns files where the pod names none; {@link RunSpec.User#OF_IMAGE} = they are root's, as upstream has it */
    Volumes(Path disk, Path memory, Configs configs, NodeResources node, int user) {
        this.node = node;
        this.user = user;
        this.disk = disk;
        this.memory = memory;
        this.configs = configs;
    }

    /** What containers start with and mount, or why that cannot be made yet. */
    sealed interface Synced {
        record Ready() implements Synced {}

        record Missing(String message) implements Synced {}
    }

    /** Makes what is missing and brings up to date what has changed; a ConfigMap deleted meanwhile stays as it was. */
    Synced sync(Pod pod, boolean firstTime) throws IOException {
        for (JsonNode volume : pod.spec().path("volumes")) {
            Optional<String> missing = volume.has("hostPath")
                    ? HostPaths.missing(volume)
                    : volume.has("emptyDir") ? emptyDir(pod, volume) : files(pod, volume);
            if (missing.isPresent() && firstTime) {
                return new Synced.Missing(missing.get());
            }
        }
        return new Synced.Ready();
    }

    /** Writes the pod's token for the node's API and returns the mount that shows it. */
    RunSpec.Mount token(Pod pod, String token) throws IOException {
        Path directory = memory.resolve("volumes").resolve(TOKEN_VOLUME);
        new ProjectedDirectory(directory, owner(pod))
                .write(Map.of("token", new ProjectedDirectory.File(token.getBytes(StandardCharsets.UTF_8), 0444)));
        return new RunSpec.Mount(directory, TOKEN_DIRECTORY, true);
    }

    List<RunSpec.Mount> mounts(Pod pod, PodContainer container) throws IOException {
        List<RunSpec.Mount> mounts = new ArrayList<>();
        for (JsonNode mount : container.volumeMounts()) {
            JsonNode volume = volume(pod, Json.textAt(mount, "name"));
            Path source = directory(volume);
            String subPath = Json.textAt(mount, "subPath");
            if (!subPath.isEmpty()) {
                Path base = source.toRealPath();
                source = source.resolve(subPath).toRealPath();
                if (!source.startsWith(base)) {
                    throw new IOException("subPath %s leads out of volume %s".formatted(subPath, mount.path("name")));
                }
            }
            boolean written = volume.has("emptyDir") || volume.has("hostPath");
            boolean readOnly = !written || mount.path("readOnly").asBoolean(false);
            mounts.add(new RunSpec.Mount(source, Json.textAt(mount, "mountPath"), readOnly));
        }
        return mounts;
    }

    /** Removes everything; the containers have ended. */
    void remove() {
        OwnFiles.deleteTree(disk.resolve("volumes"));
        OwnFiles.deleteTree(memory);
    }

    private ProjectedDirectory.Owner owner(Pod pod) {
        if (!root) {
            return new ProjectedDirectory.Owner(-1, -1);
        }
        JsonNode security = pod.spec().path("securityContext");
        if (user == RunSpec.User.OF_IMAGE) {
            return new ProjectedDirectory.Owner(0, security.path("fsGroup").asInt(0));
        }
        int uid = security.path("runAsUser").asInt(user);
        int gid = security.path("fsGroup").asInt(security.path("runAsGroup").asInt(user));
        return new ProjectedDirectory.Owner(uid, gid);
    }

    /** The group of the pod's volumes may read whatever the mode says (upstream's SetVolumeOwnership). */
    private int mode(Pod pod, int said) {
        boolean shared = user == RunSpec.User.OF_IMAGE
                && pod.spec().path("securityContext").has("fsGroup");
        return shared ? said | 0440 : said;
    }

    private Optional<String> emptyDir(Pod pod, JsonNode volume) throws IOException {
        Path directory = directory(volume);
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            ProjectedDirectory.mode(directory, 0777);
            if (root && pod.spec().path("securityContext").has("fsGroup")) {
                OwnFiles.owner(directory, 0, owner(pod).gid());
            }
        }
        return Optional.empty();
    }

    private Optional<String> files(Pod pod, JsonNode volume) throws IOException {
        try {
            Map<String, ProjectedDirectory.File> files =
                    new VolumeFiles(pod, configs, node, mode -> mode(pod, mode)).of(volume);
            new ProjectedDirectory(directory(volume), owner(pod)).write(files);
            return Optional.empty();
        } catch (MissingConfigException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Path directory(JsonNode volume) {
        if (volume.has("hostPath")) {
            return Path.of(Json.textAt(volume, "hostPath", "path"));
        }
        boolean inMemory = volume.has("secret")
                || hasSecret(volume.path("projected"))
                || Json.textAt(volume, "emptyDir", "medium").equals("Memory");
        return (inMemory ? memory : disk).resolve("volumes").resolve(Json.textAt(volume, "name"));
    }

    private static boolean hasSecret(JsonNode projected) {
        for (JsonNode source : projected.path("sources")) {
            if (source.has("secret")) {
                return true;
            }
        }
        return false;
    }

    private static JsonNode volume(Pod pod, String name) throws IOException {
        for (JsonNode volume : pod.spec().path("volumes")) {
            if (Json.textAt(volume, "name").equals(name)) {
                return volume;
            }
        }
        throw new IOException("no volume " + name);
    }

    /** Bytes of a volume's files, as long as they are. */
    long used(JsonNode volume) {
        return used(directory(volume));
    }

    private static long used(Path directory) {
        long[] sum = new long[1];
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sum[0] += attributes.isRegularFile() ? attributes.size() : 0;
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // it went away meanwhile
                }
            });
        } catch (IOException e) {
            return sum[0];
        }
        return sum[0];
    }
}
