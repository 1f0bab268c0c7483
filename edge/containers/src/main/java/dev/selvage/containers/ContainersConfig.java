package dev.selvage.containers;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How containers run on this node.
 *
 * @param socket of the engine
 * @param home state of ours; its path tells our containers from those of others on the same engine
 * @param network of the engine, in which pods without hostNetwork live
 * @param logBytes what is kept of each run's output, about
 * @param pids most processes and threads of a container
 * @param images which of those that nobody uses go
 * @param pullPatience how long a pull may make no progress
 */
public record ContainersConfig(
        Path socket, Path home, String network, long logBytes, long pids, ImagePolicy images, Duration pullPatience) {
    public static final Path DEFAULT_SOCKET = Path.of("/var/run/docker.sock");
    static final int LOG_FILES = 3;

    public ContainersConfig {
        if (logBytes < LOG_FILES || pids < 1 || network.isEmpty()) {
            throw new IllegalArgumentException("logBytes %d (at least %d), pids %d (at least 1), network \"%s\""
                    .formatted(logBytes, LOG_FILES, pids, network));
        }
    }

    public ContainersConfig withNetwork(String other) {
        return new ContainersConfig(socket, home, other, logBytes, pids, images, pullPatience);
    }

    public ContainersConfig withImages(ImagePolicy policy) {
        return new ContainersConfig(socket, home, network, logBytes, pids, policy, pullPatience);
    }

    /** Which images the agent has pulled. */
    Path pulledImages() {
        return home.resolve("pulled-images");
    }

    /** Which names imports have given. */
    Path importedImages() {
        return home.resolve("imported-images");
    }

    ContainersConfig withPullPatience(Duration patience) {
        return new ContainersConfig(socket, home, network, logBytes, pids, images, patience);
    }

    ContainersConfig withPids(long most) {
        return new ContainersConfig(socket, home, network, logBytes, most, images, pullPatience);
    }

    ContainersConfig withLogBytes(long bytes) {
        return new ContainersConfig(socket, home, network, bytes, pids, images, pullPatience);
    }

    public static ContainersConfig of(Path socket, Path home) {
        return new ContainersConfig(
                socket, home, "bridge", 30L << 20, 1024, ImagePolicy.STANDARD, Duration.ofMinutes(1));
    }
}
