package dev.selvage.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.RootFileSystem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4, Bad input: archives that are damaged, false or bombs. The engine hears of none of them. */
class HostileArchivesTest {
    private final DockerEngine engine = SharedEngine.get();

    @TempDir
    Path home;

    private Set<JsonNode> before = Set.of();

    @BeforeEach
    void lookAtTheEngine() throws IOException {
        before = images();
    }

    /** In no order: the engine lists those of one second now so, now so. */
    private Set<JsonNode> images() throws IOException {
        Set<JsonNode> images = new HashSet<>();
        Json.parseArray(engine.call("GET", "/images/json?all=1").getBytes(StandardCharsets.UTF_8))
                .forEach(images::add);
        return images;
    }

    private ContainersConfig config() {
        return ContainersConfig.of(engine.socket(), home.resolve("node/containers"));
    }

    private void refused(Path archive, String... parts) throws IOException {
        refused(ArchiveLimits.STANDARD, archive, parts);
    }

    private void refused(ArchiveLimits limits, Path archive, String... parts) throws IOException {
        assertThatThrownBy(() -> new ImageImport(config(), limits).run(archive, Optional.empty(), (s, d, a) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(archive.getFileName() + ": ")
                .hasMessageContainingAll(parts);
        assertThat(images()).isEqualTo(before);
        assertThat(new ImportedImages(config().importedImages()).names()).isEmpty();
    }

    private Path file(String name) {
        return home.resolve(name);
    }

    private Path directory(String name) throws IOException {
        return Files.createDirectories(home.resolve(name));
    }

    @Test
    void whatIsNoArchiveIsNamed() throws Exception {
        refused(file("absent.tar"), "does not exist");
        refused(directory("folder"), "is no file");
        refused(Files.writeString(file("text.tar"), "hello\n".repeat(1000)), "is no tar archive");
        refused(Files.write(file("empty.tar"), new byte[0]), "has no files");
        refused(Files.write(file("zeros.tar"), new byte[10240]), "has no files");
        Path other = directory("other");
        Files.writeString(other.resolve("readme"), "not an image");
        refused(Archives.tar(other, file("other.tar")), "has neither manifest.json", "nor index.json");
        byte[] xz = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0, 4, 0, 0};
        refused(Files.write(file("other.tar.xz"), xz), "is compressed by xz: accepted: not at all, or gzip");
    }

    @Test
    void anArchiveThatWasCutOffIsNamed() throws Exception {
        Path whole = engine.save(file("whole.tar"), "busybox:1");
        Archives.run(home, "head -c 700000 whole.tar > half.tar; gzip -c whole.tar | head -c 300000 > half.tar.gz");
        refused(file("half.tar"), "entry ", "is cut off");
        refused(file("half.tar.gz"), "damaged or cut off");
        assertThat(whole).exists();
    }

    @Test
    void aLayerWithOneWrongBitIsFoundByItsDigest() throws Exception {
        Path root = Archives.unpack(engine.save(file("bit.tar"), "busybox:1"));
        Archives.run(root, "printf x | dd of=$(ls */layer.tar) bs=1 seek=500000 conv=notrunc 2>/dev/null");
        refused(Archives.tar(root, file("flipped.tar")), "rootfs.diff_ids[0]: found sha256:", "has the digest sha256:");
    }

    @Test
    void aConfigThatIsNotWhatItsNameSaysIsFound() throws Exception {
        Path root = Archives.unpack(engine.save(file("cfg.tar"), "busybox:1"));
        Archives.run(
                root,
                "for f in ????????????????????????????????????????????????????????????????.json; do sed -i s/linux/linuz/ $f; done");
        refused(
                Archives.tar(root, file("config.tar")),
                "manifest.json: [0].Config: found",
                "whose content has the digest");
    }

    @Test
    void aManifestThatNamesWhatIsNotThereIsFound() throws Exception {
        Path root = directory("gap");
        Files.writeString(
                root.resolve("manifest.json"),
                "[{\"Config\": \"c.json\", \"RepoTags\": [\"a:1\"], \"Layers\": [\"l.tar\"]}]");
        refused(
                Archives.tar(root, file("gap.tar")),
                "manifest.json: [0].Layers[0]: found \"l.tar\", which is not in the archive");
        Files.writeString(root.resolve("manifest.json"), "[{\"Config\": ");
        refused(Archives.tar(root, file("json.tar")), "manifest.json", "is no JSON");
        Files.writeString(root.resolve("manifest.json"), "[]");
        refused(Archives.tar(root, file("none.tar")), "manifest.json: names no image");
    }

    @Test
    void anotherArchitectureIsNamed() throws Exception {
        byte[] archive = PauseImage.archive(
                "elsewhere:1", "s390x", PauseProgram.forArchitecture("amd64").orElseThrow());
        refused(
                Files.write(file("arch.tar"), archive),
                "image \"elsewhere:1\"",
                "is for architecture s390x, this node has amd64");
    }

    @Test
    void namesThatLeadOutAreNamed() throws Exception {
        Path root = directory("names");
        Files.writeString(root.resolve("evil"), "x");
        refused(
                Archives.tar(root, file("up.tar"), "-P", "--transform=s,evil,../../evil,"),
                "entry 1 \"../../evil\": its name leads out");
        refused(
                Archives.tar(root, file("root.tar"), "-P", "--transform=s,evil,/etc/evil,"),
                "\"/etc/evil\": its name leads out");
        Files.delete(root.resolve("evil"));
        Files.createSymbolicLink(root.resolve("manifest.json"), Path.of("../../etc/passwd"));
        refused(Archives.tar(root, file("link.tar")), "links to \"../../etc/passwd\", out of the archive");
        Path inner = directory("inner");
        Files.writeString(inner.resolve("evil"), "x");
        Path layer = Archives.tar(inner, file("inner.tar"), "-P", "--transform=s,evil,a/../../evil,");
        refused(
                Archives.of(file("layer-up.tar"), "evil:1", Files.readAllBytes(layer), ""),
                "\"layer.tar\"",
                "the file \"a/../../evil\", which leads out of the image");
    }

    @Test
    void aLayerOfZerosThatUnpacksAThousandfoldIsGivenUpEarly() throws Exception {
        Path root = directory("bomb");
        Archives.run(root, "dd if=/dev/zero of=zeros bs=1M count=100 2>/dev/null");
        Path layer = Archives.tar(root, file("bomb-layer.tar"));
        Archives.run(home, "gzip bomb-layer.tar");
        Path bomb = Archives.of(
                file("bomb.tar"), "bomb:1", Files.readAllBytes(Path.of(layer + ".gz")), "sha256:" + "0".repeat(64));
        long began = System.nanoTime();
        refused(bomb, "\"layer.tar\"", "accepted: at most 200 for one");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
        Archives.run(home, "tar -C bomb -cf - zeros | gzip > bomb.tar.gz");
        refused(file("bomb.tar.gz"), "unpacks to ", "accepted: at most 200 for one");
    }

    @Test
    void whatIsOnlyDeclaredIsRefusedToo() throws Exception {
        Path root = directory("sparse");
        Archives.run(root, "truncate -s 1T huge");
        Path layer = Archives.tar(root, file("sparse-layer.tar"), "-S");
        assertThat(Files.size(layer)).isLessThan(100_000);
        refused(
                Archives.of(file("sparse.tar"), "sparse:1", Files.readAllBytes(layer), ""),
                "its file \"huge\": the archive unpacks to more than the 68719476736 bytes that are accepted");
        Path posix = Archives.tar(root, file("posix-layer.tar"), "-S", "--format=posix");
        refused(
                Archives.of(file("posix.tar"), "sparse:1", Files.readAllBytes(posix), ""),
                "its file \"huge\": the archive unpacks to more than");
        refused(layer, "is a sparse file of 1099511627776 bytes: accepted: plain files");
        refused(
                ArchiveLimits.STANDARD.withBytes(1L << 50),
                Archives.of(file("space.tar"), "sparse:1", Files.readAllBytes(layer), ""),
                "needs 10995",
                "bytes of the engine's disk");
    }

    @Test
    void absurdNumbersAreRefused() throws Exception {
        Path many = file("many.tar");
        try (OutputStream out = Files.newOutputStream(many)) {
            TarWriter tar = new TarWriter(out);
            for (int i = 0; i <= ArchiveLimits.STANDARD.entries(); i++) {
                tar.file("f" + i, 0444, new byte[0]);
            }
            tar.end();
        }
        refused(many, "has more than the 10000 entries that are accepted");
        ByteArrayOutputStream layer = new ByteArrayOutputStream();
        TarWriter files = new TarWriter(layer);
        for (int i = 0; i <= 10_000; i++) {
            files.file("f" + i, 0444, new byte[0]);
        }
        files.end();
        ArchiveLimits small = new ArchiveLimits(64L << 30, 200, 64L << 20, 10_000, 10_000, 100, 127, 1 << 20, 4 << 20);
        refused(
                small,
                Archives.of(file("crowd.tar"), "crowd:1", layer.toByteArray(), ""),
                "is a layer of more than the 10000 files that are accepted");
        Path twice = file("twice.tar");
        try (OutputStream out = Files.newOutputStream(twice)) {
            TarWriter tar = new TarWriter(out);
            tar.file("manifest.json", 0444, "[]".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            tar.file("./manifest.json", 0444, "[]".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            tar.end();
        }
        refused(twice, "entry 2 \"manifest.json\": comes twice");
    }

    @Test
    void namesThatAreNoneOrTheAgentsOwnAreRefused() throws Exception {
        Path tar = RootFileSystem.busybox(directory("rootfs"));
        byte[] layer = Files.readAllBytes(tar);
        refused(
                Archives.of(file("upper.tar"), "Not A Name", layer, ""),
                "manifest.json: [0]: name \"Not A Name\": accepted is REPOSITORY:TAG");
        refused(Archives.of(file("pause.tar"), PauseImage.NAME, layer, ""), "is the agent's own image");
        refused(
                Archives.of(file("junk.tar"), "junk:1", new byte[] {1, 2, 3}, ""),
                "layer \"layer.tar\": is no tar archive");
    }
}
