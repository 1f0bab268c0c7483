package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives image archives to the node's engine, for sites without a registry. An archive is read from end to end and checked
 * before the engine hears of it; then it is read again and sent. It is never held in memory.
 */
public final class ImageImport {
    /** Without any progress; a slow disk unpacks a large file in less. */
    private static final Duration STALLED = Duration.ofMinutes(5);

    private final Engine engine;
    private final ImportedImages kept;
    private final ArchiveLimits limits;
    private final int spare;

    public ImageImport(ContainersConfig config) {
        this(config, ArchiveLimits.STANDARD);
    }

    ImageImport(ContainersConfig config, ArchiveLimits limits) {
        this.engine = new Engine(config.socket());
        this.kept = new ImportedImages(config.importedImages());
        this.limits = limits;
        this.spare = config.images().spare();
    }

    /**
     * @param name what the one image of the archive is to be called; empty = as the archive says
     * @throws IOException that says what is wrong with the archive, or why the engine does not take it
     */
    public List<ImportedImage> run(Path file, Optional<String> name, ImportProgress progress) throws IOException {
        Engine.Facts facts = engine.facts();
        try {
            long length = Files.exists(file) ? Files.size(file) : 0;
            ArchiveScan scan;
            try (ArchiveFile archive = new ArchiveFile(file, limits, done -> progress.at("checking", done, length))) {
                scan = ArchiveScan.of(archive, limits);
            }
            List<ArchivedImage> images = named(ArchiveImages.of(scan, limits, facts.architecture()), name);
            checkSpace(images);
            load(file, images, progress);
            return images.stream()
                    .map(i -> new ImportedImage(
                            i.names(), i.id(), i.architecture(), i.layers().size(), i.bytes()))
                    .toList();
        } catch (ArchiveException | java.util.zip.ZipException | java.io.EOFException e) {
            throw new IOException(
                    file.getFileName() + ": " + ArchiveFile.explained(e).getMessage(), e);
        }
    }

    private static List<ArchivedImage> named(List<ArchivedImage> images, Optional<String> name)
            throws ArchiveException {
        if (name.isPresent()) {
            if (images.size() > 1) {
                throw new ArchiveException(
                        "--name", "the archive has %d images: accepted is one".formatted(images.size()));
            }
            return List.of(images.getFirst().named(ArchiveDocuments.reference(name.get(), "--name")));
        }
        for (ArchivedImage image : images) {
            if (image.names().isEmpty()) {
                throw new ArchiveException(
                        "image " + image.id(),
                        "has no name in the archive, and a pod could not name it: give one with --name");
            }
        }
        return images;
    }

    /** The engine keeps what it is sent until it has unpacked it. What it has already takes no space. */
    private void checkSpace(List<ArchivedImage> images) throws IOException {
        long needed = new ArchiveSender(images).bytes();
        Set<String> counted = new HashSet<>();
        for (ArchivedImage image : images) {
            if (engine.find("/images/" + image.id() + "/json").isEmpty()) {
                for (ArchivePart layer : image.layers()) {
                    needed +=
                            counted.add(layer.layer().diffId()) ? layer.layer().bytes() : 0;
                }
            }
        }
        Optional<EngineDisk.Space> disk = new EngineDisk(engine).look();
        if (disk.isPresent() && needed > disk.get().beside(spare)) {
            throw new ArchiveException(
                    "",
                    "needs %d bytes of the engine's disk (%s), which has %d besides the %d %% that stay free"
                            .formatted(
                                    needed,
                                    disk.get().root(),
                                    Math.max(0, disk.get().beside(spare)),
                                    spare));
        }
    }

    /** Kept from before the engine has them, so that no collection comes between. */
    private void load(Path file, List<ArchivedImage> images, ImportProgress progress) throws IOException {
        List<String> fresh = new ArrayList<>();
        Set<String> before = new HashSet<>();
        try {
            for (ArchivedImage image : images) {
                for (String name : image.names()) {
                    id(name).ifPresent(before::add);
                    if (kept.keep(name)) {
                        fresh.add(name);
                    }
                }
            }
            send(file, images, progress);
            for (ArchivedImage image : images) {
                verify(image);
            }
        } catch (IOException e) {
            for (String name : fresh) {
                kept.release(name);
            }
            throw e;
        }
        for (String old : before) {
            removeNameless(old);
        }
    }

    private Optional<String> id(String name) throws IOException {
        return engine.find("/images/" + Engine.encode(name) + "/json").map(i -> Json.textAt(i, "Id"));
    }

    private void send(Path file, List<ArchivedImage> images, ImportProgress progress) throws IOException {
        ArchiveSender sender = new ArchiveSender(images);
        long all = sender.bytes();
        try (ArchiveFile archive = new ArchiveFile(file, limits, done -> {});
                EngineConnection connection = engine.open(engine.path("/images/load?quiet=0"), STALLED)) {
            try {
                HttpReply reply = connection.upload(
                        "POST",
                        Map.of("Content-Type", "application/x-tar"),
                        out -> sender.send(
                                archive,
                                new Paced(out, connection, STALLED, done -> progress.at("sending", done, all))));
                Engine.check(reply);
                follow(connection, new JsonLines(reply.body()), images, progress);
            } catch (ArchiveException | EngineException e) {
                throw e;
            } catch (IOException e) {
                throw connection.explained(e);
            }
        }
    }

    private static void follow(
            EngineConnection connection, JsonLines lines, List<ArchivedImage> images, ImportProgress progress)
            throws IOException {
        long layers = images.stream().mapToLong(i -> i.layers().size()).sum();
        Set<String> seen = new HashSet<>();
        for (Optional<ObjectNode> line = lines.next(); line.isPresent(); line = lines.next()) {
            connection.limit(STALLED);
            String error = Json.textAt(line.get(), "error");
            if (!error.isEmpty()) {
                throw new EngineException(0, "the engine did not take it: " + error);
            }
            String id = Json.textAt(line.get(), "id");
            if (!id.isEmpty() && seen.add(id)) {
                progress.at("unpacking", seen.size(), layers);
            }
        }
    }

    /** What pods will get by these names is what the archive had. */
    private void verify(ArchivedImage image) throws IOException {
        for (String name : image.names()) {
            JsonNode found = engine.find("/images/" + Engine.encode(name) + "/json")
                    .orElseThrow(
                            () -> new IOException("the engine has no image \"%s\" though it took it".formatted(name)));
            List<String> layers = new ArrayList<>();
            found.path("RootFS").path("Layers").forEach(l -> layers.add(l.asText()));
            if (!layers.equals(image.diffIds())) {
                throw new IOException("the engine has other layers by the name \"%s\": %s".formatted(name, layers));
            }
        }
    }

    /** An image whose last name has gone to another is of no use to pods; one that containers use stays. */
    private void removeNameless(String id) throws IOException {
        Optional<JsonNode> found = engine.find("/images/" + id + "/json");
        if (found.isPresent()
                && found.get().path("RepoTags").isEmpty()
                && found.get().path("RepoDigests").isEmpty()) {
            engine.act("DELETE", "/images/" + id, Engine.LONG);
        }
    }
}
