package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.app;
import static dev.selvage.containers.ContainerNode.shell;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.Registry;
import dev.selvage.sim.engine.RootFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4, Faults: "registry slow or lying about a digest, archive bombs". */
class RegistryFaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final String NOBODY = Base64.getUrlEncoder().encodeToString("{}".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path home;

    private ContainersConfig config(DockerEngine engine) {
        return ContainersConfig.of(engine.socket(), home.resolve("node/containers"))
                .withPullPatience(PATIENCE);
    }

    private static ObjectNode withImage(ObjectNode pod, String image) {
        app(pod).put("image", image).put("imagePullPolicy", "IfNotPresent");
        return pod;
    }

    /** Pushes an image of its own, of which the engine keeps nothing. */
    private void push(DockerEngine engine, String repository, String marker) throws Exception {
        Path own = Files.createDirectories(home.resolve(marker));
        engine.importImage(RootFileSystem.busybox(own, Files.writeString(own.resolve("marker"), marker)), marker, "1");
        engine.push(marker + ":1", repository, "1", NOBODY);
        engine.call("DELETE", "/images/" + marker + ":1");
    }

    private static String message(ContainerNode node, String uid) {
        return node.container(uid).at("/state/waiting/message").asText();
    }

    @Test
    void aRegistryThatStallsInTheMiddleOfALayerIsGivenUpAndOthersGoOn() throws Exception {
        DockerEngine engine = SharedEngine.get();
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.empty());
                StallingProxy slow = new StallingProxy(registry.host(), 200_000);
                ContainerNode node = new ContainerNode(home.resolve("node"), config(engine))) {
            push(engine, registry.host() + "/tools/slow", "slow");
            push(engine, registry.host() + "/tools/quick", "quick");
            node.run(shell("stall-1", "exec sleep 1000"));
            node.awaitReady("stall-1");
            long began = System.nanoTime();
            node.run(withImage(shell("stall-2", "exec sleep 1000"), slow.host() + "/tools/slow:1"));
            node.awaitEvent("stall-2", "Pulling");
            node.run(withImage(shell("stall-3", "exec sleep 1000"), registry.host() + "/tools/quick:1"));
            node.awaitReady("stall-3");
            node.awaitWaiting("stall-2", "ErrImagePull");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(PATIENCE);
            assertThat(message(node, "stall-2")).isEqualTo("no progress for 3 s: the registry sends nothing more");
            node.pods.configsChanged(); // another look, while the pause of 10 s is not over
            node.awaitWaiting("stall-2", "ImagePullBackOff");
            assertThat(message(node, "stall-2"))
                    .isEqualTo("Back-off pulling image \"" + slow.host()
                            + "/tools/slow:1\": ErrImagePull: no progress for 3 s: the registry sends nothing more");
            assertThat(node.container("stall-1").path("restartCount").asInt(-1)).isZero();
            slow.mend();
            node.awaitReady("stall-2");
        }
    }

    @Test
    void aManifestThatIsNotWhatItsDigestSaysIsRefused() throws Exception {
        DockerEngine engine = SharedEngine.get();
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.empty());
                ContainerNode node = new ContainerNode(home.resolve("node"), config(engine))) {
            push(engine, registry.host() + "/tools/false", "false");
            String digest = lie(registry);
            node.run(withImage(shell("false-1", "exec sleep 1000"), registry.host() + "/tools/false@sha256:" + digest));
            node.awaitWaiting("false-1", "ErrImagePull");
            assertThat(message(node, "false-1")).contains("verification failed for digest sha256:" + digest);
        }
    }

    /** One character of the manifest changes where the registry keeps it; its name stays. */
    private static String lie(Registry registry) throws IOException {
        try (var files = Files.walk(registry.data())) {
            for (Path blob : files.filter(f -> f.endsWith("data") && Files.isRegularFile(f))
                    .toList()) {
                String text = Files.readString(blob, StandardCharsets.ISO_8859_1);
                if (text.contains("\"schemaVersion\"")) {
                    Files.writeString(blob, text.replaceFirst("\\{", "{ "), StandardCharsets.ISO_8859_1);
                    return Objects.requireNonNull(blob.getParent())
                            .getFileName()
                            .toString();
                }
            }
        }
        throw new IOException("no manifest below " + registry.data());
    }

    /** The engine bounds no pull: on a disk of its own it would fill that to the last byte. */
    @Test
    void anImageThatUnpacksWithoutEndIsBrokenOffBeforeTheDiskIsFull() throws Exception {
        Path disk = Files.createDirectories(home.resolve("d"));
        Archives.run(home, "mount -t tmpfs -o size=600m,mode=755 selvage-test " + disk);
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.empty())) {
            String bomb = registry.host() + "/tools/bomb";
            bomb(bomb);
            try (DockerEngine small = DockerEngine.start(disk.resolve("e"))) {
                small.importImage(RootFileSystem.busybox(Files.createDirectories(home.resolve("box"))), "busybox", "1");
                ImagePolicy policy = new ImagePolicy(85, 80, Duration.ofMinutes(2), Duration.ofDays(30), 50);
                try (ContainerNode node = new ContainerNode(
                        home.resolve("node"),
                        config(small).withImages(policy).withPullPatience(Duration.ofMinutes(1)))) {
                    node.run(shell("bomb-1", "while true; do echo x >/file || echo no space; sleep 0.1; done"));
                    node.awaitReady("bomb-1");
                    node.run(withImage(shell("bomb-2", "exec sleep 1000"), bomb + ":1"));
                    node.awaitWaiting("bomb-2", "ErrImagePull");
                    assertThat(message(node, "bomb-2"))
                            .matches("the pull was broken off: the engine's disk \\(" + disk
                                    + "/e/data\\) has \\d+ bytes free, less than the 50 % that are kept");
                    ContainerNode.await("the space to be given back", () -> free(disk) > 500 << 20, () -> free(disk));
                    assertThat(node.logs("bomb-1")).doesNotContain("no space");
                    assertThat(node.container("bomb-1").path("restartCount").asInt(-1))
                            .isZero();
                }
            }
        } finally {
            Archives.run(home, "umount -l " + disk);
        }
    }

    /** A layer of 500 MiB of zeros in 500 KiB, put into the registry by way of another engine. */
    private void bomb(String repository) throws Exception {
        DockerEngine engine = SharedEngine.get();
        engine.call("POST", "/containers/create?name=bomber", """
                {"Image": "busybox:1", "Cmd": ["dd", "if=/dev/zero", "of=/zeros", "bs=1M", "count=500"]}
                """);
        engine.call("POST", "/containers/bomber/start");
        engine.call("POST", "/containers/bomber/wait");
        engine.call("POST", "/commit?container=bomber&repo=bomb&tag=1");
        engine.call("DELETE", "/containers/bomber");
        engine.push("bomb:1", repository, "1", NOBODY);
        engine.call("DELETE", "/images/bomb:1");
    }

    private static long free(Path disk) {
        try {
            return Files.getFileStore(disk).getUsableSpace();
        } catch (IOException e) {
            return -1;
        }
    }
}
