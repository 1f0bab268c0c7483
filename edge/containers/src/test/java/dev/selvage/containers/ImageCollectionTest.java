package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.app;
import static dev.selvage.containers.ContainerNode.shell;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.containers.ImagePolicy.Unused;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.Registry;
import dev.selvage.sim.engine.RootFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Image garbage collection by space and age (kubernetes.io/docs/concepts/architecture/garbage-collection). */
class ImageCollectionTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    private static final ImagePolicy POLICY = new ImagePolicy(85, 80, Duration.ofMinutes(2), Duration.ofDays(30), 5);

    private static final String NOBODY = Base64.getUrlEncoder().encodeToString("{}".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path home;

    private static Unused unused(String name, long bytes, Duration since) {
        return new Unused(name, bytes, NOW.minus(since));
    }

    @Test
    void whileThereIsSpaceOnlyImagesUnusedForTooLongGo() {
        List<Unused> images = List.of(unused("old", 10, Duration.ofDays(31)), unused("young", 10, Duration.ofDays(29)));
        assertThat(POLICY.victims(images, 1000, 850, NOW))
                .extracting(Unused::name)
                .containsExactly("old");
    }

    @Test
    void onAFullDiskTheLeastRecentlyUsedGoUntilTheLowThreshold() {
        List<Unused> images = List.of(
                unused("third", 40, Duration.ofHours(1)),
                unused("first", 40, Duration.ofHours(3)),
                unused("second", 40, Duration.ofHours(2)),
                unused("justNow", 40, Duration.ofMinutes(1)));
        assertThat(POLICY.victims(images, 1000, 860, NOW))
                .extracting(Unused::name)
                .containsExactly("first", "second");
        assertThat(POLICY.victims(images, 1000, 999, NOW))
                .extracting(Unused::name)
                .containsExactly("first", "second", "third");
    }

    @Test
    void ofRealImagesOnlyPulledOnesThatNobodyUsesGo() throws Exception {
        DockerEngine engine = SharedEngine.get();
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.empty());
                ContainerNode node = new ContainerNode(home.resolve("node"), engine.socket())) {
            String left = registry.host() + "/gc/left:1";
            engine.push("busybox:1", registry.host() + "/gc/left", "1", NOBODY);
            node.run(withImage(shell("gc-1", "exec sleep 1000"), left));
            node.awaitReady("gc-1");
            Engine client = new Engine(engine.socket());
            ImageCollector collector = new ImageCollector(
                    client,
                    new ImagePolicy(0, 0, Duration.ZERO, Duration.ofDays(1), 5),
                    home.resolve("pulled"),
                    new ImportedImages(home.resolve("imported")));
            collector.pulled(ImageName.parse(left));
            collector.look();
            assertThat(client.find("/images/" + Engine.encode(left) + "/json"))
                    .as("in use")
                    .isPresent();
            node.drop("gc-1");
            node.awaitGone("gc-1");
            new ImageCollector(
                            client,
                            new ImagePolicy(0, 0, Duration.ZERO, Duration.ofDays(1), 5),
                            home.resolve("pulled"),
                            new ImportedImages(home.resolve("imported")))
                    .look(); // one that remembers from the disk
            assertThat(client.find("/images/" + Engine.encode(left) + "/json"))
                    .as("unused")
                    .isEmpty();
            assertThat(client.find("/images/busybox:1/json"))
                    .as("the same image by a name not of ours")
                    .isPresent();
        }
    }

    /** A tag that moves must not fill the disk with what it was. */
    @Test
    void whatATagHasLeftBehindGoesToo() throws Exception {
        DockerEngine engine = SharedEngine.get();
        Engine client = new Engine(engine.socket());
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.empty());
                ContainerNode node = new ContainerNode(home.resolve("node"), engine.socket())) {
            String repository = registry.host() + "/gc/moving";
            pushMarked(engine, repository, "1");
            pushMarked(engine, repository, "2");
            List<String> digests = new ArrayList<>();
            for (String version : List.of("1", "2")) {
                registry.tag("gc/moving", version, "latest");
                String pod = "gc-moving-" + version;
                ObjectNode wanted = shell(pod, "exec sleep 1000");
                app(wanted).put("image", repository + ":latest").put("imagePullPolicy", "Always");
                node.run(wanted);
                node.awaitReady(pod);
                digests.add(node.container(pod).path("imageID").asText());
            }
            assertThat(digests).doesNotHaveDuplicates().allMatch(d -> d.startsWith(repository + "@"));
            for (String version : List.of("1", "2")) {
                node.drop("gc-moving-" + version);
                node.awaitGone("gc-moving-" + version);
            }
            new ImageCollector(
                            client,
                            new ImagePolicy(0, 0, Duration.ZERO, Duration.ofDays(1), 5),
                            ContainersConfig.of(engine.socket(), home.resolve("node/containers"))
                                    .pulledImages(),
                            new ImportedImages(home.resolve("imported")))
                    .look();
            for (String digest : digests) {
                assertThat(client.find("/images/" + Engine.encode(digest) + "/json"))
                        .as(digest)
                        .isEmpty();
            }
        }
    }

    /** An image whose content is its tag's own; none of it stays in the engine. */
    private void pushMarked(DockerEngine engine, String repository, String tag) throws Exception {
        Path directory = Files.createDirectories(home.resolve("root-" + tag));
        Path marker = Files.writeString(directory.resolve("marker"), tag);
        engine.importImage(RootFileSystem.busybox(directory, marker), "moving-" + tag, "1");
        engine.push("moving-" + tag + ":1", repository, tag, NOBODY);
        engine.call("DELETE", "/images/moving-" + tag + ":1");
    }

    private static ObjectNode withImage(ObjectNode pod, String image) throws IOException {
        app(pod).put("image", image).put("imagePullPolicy", "IfNotPresent");
        return pod;
    }
}
