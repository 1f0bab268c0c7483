package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.app;
import static dev.selvage.containers.ContainerNode.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.Registry;
import dev.selvage.sim.engine.RootFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4: "preloaded images for sites without a registry (selvage image import)". */
class ImageImportTest {
    private static final ImagePolicy GREEDY = new ImagePolicy(0, 0, Duration.ZERO, Duration.ofDays(1), 5);

    private final DockerEngine engine = SharedEngine.get();
    private final List<String> made = new ArrayList<>();

    @TempDir
    Path home;

    private ContainersConfig config() {
        return ContainersConfig.of(engine.socket(), home.resolve("node/containers"));
    }

    private List<ImportedImage> bringIn(Path archive) throws IOException {
        List<ImportedImage> images = new ImageImport(config()).run(archive, Optional.empty(), (step, done, all) -> {});
        images.forEach(i -> made.addAll(i.names()));
        return images;
    }

    /** An image of its own, saved and taken from the engine. */
    private Path saved(String name, String marker) throws Exception {
        Path own = Files.createDirectories(home.resolve(marker));
        Path content = Files.writeString(own.resolve("marker"), marker);
        engine.importImage(
                RootFileSystem.busybox(own, content),
                name.substring(0, name.indexOf(':')),
                name.substring(name.indexOf(':') + 1));
        Path archive = engine.save(home.resolve(marker + ".tar"), name);
        engine.call("DELETE", "/images/" + name);
        return archive;
    }

    @AfterEach
    void removeImages() throws IOException {
        for (String name : made) {
            if (Archives.found(engine, name).isPresent()) {
                engine.call("DELETE", "/images/" + name + "?force=1");
            }
        }
    }

    private void runsAPodOf(String image, String marker) throws IOException {
        try (ContainerNode node = new ContainerNode(home.resolve("node"), engine.socket())) {
            ObjectNode pod = shell(
                    "import-" + marker,
                    "cat /etc/marker; echo; exec sleep 1000"); // a line that has no end is not logged
            app(pod).put("image", image).put("imagePullPolicy", "Never");
            node.run(pod);
            node.awaitReady("import-" + marker);
            node.awaitLog("import-" + marker, marker);
        }
    }

    @Test
    void whatDockerSaveWroteIsImportedAndRunsWithoutARegistry() throws Exception {
        Path archive = saved("site/box:1", "plain");
        List<String> steps = new ArrayList<>();
        List<ImportedImage> images =
                new ImageImport(config()).run(archive, Optional.empty(), (step, done, all) -> steps.add(step));
        made.add("site/box:1");
        assertThat(images).hasSize(1);
        assertThat(images.getFirst().names()).containsExactly("site/box:1");
        assertThat(images.getFirst().architecture()).isEqualTo("amd64");
        assertThat(images.getFirst().bytes()).isGreaterThan(1_000_000);
        assertThat(images.getFirst().id())
                .isEqualTo(Json.textAt(Archives.found(engine, "site/box:1").orElseThrow(), "Id"));
        assertThat(steps).contains("checking", "sending", "unpacking");
        runsAPodOf("site/box:1", "plain");
    }

    @Test
    void aCompressedArchiveIsImportedAndAgainWithoutHarm() throws Exception {
        Path archive = saved("site/packed:1", "packed");
        Archives.run(home, "gzip packed.tar");
        Path packed = Path.of(archive + ".gz");
        List<ImportedImage> first = bringIn(packed);
        assertThat(bringIn(packed)).isEqualTo(first);
        runsAPodOf("docker.io/site/packed:1", "packed");
    }

    @Test
    void anOciLayoutWithCompressedLayersIsImported() throws Exception {
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.empty())) {
            Path own = Files.createDirectories(home.resolve("oci"));
            Path content = Files.writeString(own.resolve("marker"), "layout");
            engine.importImage(RootFileSystem.busybox(own, content), "forlayout", "1");
            String repository = registry.host() + "/tools/layout";
            engine.push(
                    "forlayout:1",
                    repository,
                    "1",
                    Base64.getUrlEncoder().encodeToString("{}".getBytes(StandardCharsets.UTF_8)));
            engine.call("DELETE", "/images/forlayout:1");
            Path named = Archives.layout(
                    registry, "tools/layout", "1", "docker.io/library/layout:2", home.resolve("named.tar"));
            assertThat(bringIn(named).getFirst().names()).containsExactly("layout:2");
            runsAPodOf("layout:2", "layout");
            Path nameless = Archives.layout(registry, "tools/layout", "1", "", home.resolve("nameless.tar"));
            assertThatThrownBy(() -> bringIn(nameless))
                    .hasMessageContaining("nameless.tar: image sha256:")
                    .hasMessageContaining("has no name in the archive")
                    .hasMessageContaining("--name");
            made.add("given:3");
            assertThat(new ImageImport(config())
                            .run(nameless, Optional.of("given:3"), (step, done, all) -> {})
                            .getFirst()
                            .names())
                    .containsExactly("given:3");
            assertThat(Archives.found(engine, "given:3")).isPresent();
        }
    }

    @Test
    void anImageOfTwoNamesComesWithBoth() throws Exception {
        Path archive = saved("site/one:1", "shared");
        bringIn(archive);
        engine.call("POST", "/images/site/one:1/tag?repo=site/two&tag=1");
        Path both = engine.save(home.resolve("both.tar"), "site/one:1", "site/two:1");
        engine.call("DELETE", "/images/site/one:1");
        engine.call("DELETE", "/images/site/two:1");
        assertThat(bringIn(both).stream().flatMap(i -> i.names().stream()))
                .containsExactlyInAnyOrder("site/one:1", "site/two:1");
        assertThat(Archives.found(engine, "site/one:1")).isEqualTo(Archives.found(engine, "site/two:1"));
    }

    @Test
    void anImportedImageStaysThoughNobodyUsesItAndItWasPulledToo() throws Exception {
        bringIn(saved("site/kept:1", "kept"));
        Engine client = new Engine(engine.socket());
        ImageCollector collector = new ImageCollector(
                client, GREEDY, config().pulledImages(), new ImportedImages(config().importedImages()));
        collector.pulled(ImageName.parse("docker.io/site/kept:1"));
        collector.look();
        assertThat(Archives.found(engine, "site/kept:1")).isPresent();
        assertThat(new ImageInventory(config()).list())
                .filteredOn(i -> i.name().equals("site/kept:1"))
                .extracting(HeldImage::origin)
                .containsExactly(HeldImage.Origin.IMPORTED);
        new ImageInventory(config()).remove("site/kept:1");
        assertThat(Archives.found(engine, "site/kept:1")).isEmpty();
        assertThat(new ImportedImages(config().importedImages()).names()).isEmpty();
    }

    @Test
    void anImageThatPodsUseIsNotRemoved() throws Exception {
        bringIn(saved("site/used:1", "used"));
        try (ContainerNode node = new ContainerNode(home.resolve("node"), engine.socket())) {
            ObjectNode pod = shell("used-1", "exec sleep 1000");
            app(pod).put("image", "site/used:1").put("imagePullPolicy", "Never");
            node.run(pod);
            node.awaitReady("used-1");
            assertThatThrownBy(() -> new ImageInventory(config()).remove("site/used:1"))
                    .hasMessageContaining("\"site/used:1\" is used by 1 containers");
            assertThat(new ImageInventory(config()).list())
                    .anyMatch(i -> i.name().equals("site/used:1") && i.containers() == 1);
        }
    }

    @Test
    void aNewImageOfTheSameNameTakesThePlaceOfTheOld() throws Exception {
        Path first = saved("site/moved:1", "first");
        Path second = saved("site/moved:1", "second");
        String old = bringIn(first).getFirst().id();
        bringIn(second);
        assertThat(Archives.found(engine, old)).as("the old one, nameless").isEmpty();
        runsAPodOf("site/moved:1", "second");
    }

    @Test
    void withoutAnEngineItIsSaid() {
        ContainersConfig nowhere = ContainersConfig.of(home.resolve("no.sock"), home.resolve("node/containers"));
        assertThatThrownBy(() -> new ImageImport(nowhere).run(home.resolve("x.tar"), Optional.empty(), (s, d, a) -> {}))
                .hasMessageContaining("no container engine at " + home.resolve("no.sock"));
    }
}
