package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.files.DurableFile;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Removes images that the agent has pulled and nobody uses any more. What came otherwise, by an import say, or for other users
 * of the engine, is never touched: at a site without a registry it would not come back.
 */
final class ImageCollector {
    private static final System.Logger LOG = System.getLogger(ImageCollector.class.getName());

    private final Engine engine;
    private final ImagePolicy policy;
    private final Path file;
    private final ImportedImages imported;
    /** Of each image that we have pulled, by name: milliseconds of its last use. */
    private final Map<String, Long> lastUsed = new TreeMap<>();

    /** Precise enough, and not a write each minute. */
    private static final long HOUR = 3_600_000;

    private String saved = "";

    /**
     * @param file where it is noted what has been pulled
     * @param imported names that stay
     */
    ImageCollector(Engine engine, ImagePolicy policy, Path file, ImportedImages imported) {
        this.engine = engine;
        this.policy = policy;
        this.file = file;
        this.imported = imported;
        read();
    }

    /** What cannot be read is forgotten: those images stay until somebody else removes them. */
    private void read() {
        try {
            if (Files.exists(file)) {
                Json.parseObject(Files.readAllBytes(file))
                        .properties()
                        .forEach(e -> lastUsed.put(e.getKey(), e.getValue().asLong()));
            }
        } catch (IOException | JsonException e) {
            LOG.log(System.Logger.Level.WARNING, "{0} cannot be read; images pulled before are kept: {1}", file, e);
        }
    }

    synchronized void pulled(ImageName name) {
        lastUsed.put(name.familiar(), System.currentTimeMillis());
        try {
            save();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "image {0} is not noted for collection: {1}", name.familiar(), e);
        }
    }

    /** One look; an engine that does not answer is looked at later. */
    synchronized void look() {
        if (lastUsed.isEmpty()) {
            return;
        }
        try {
            collect();
            save();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "images cannot be collected now: {0}", e.getMessage());
        }
    }

    private void collect() throws IOException {
        Instant now = Instant.now();
        Set<String> used = new HashSet<>();
        engine.get("/containers/json?all=1").forEach(c -> used.add(Json.textAt(c, "ImageID")));
        Map<String, JsonNode> present = present();
        lastUsed.keySet().retainAll(present.keySet());
        lastUsed.keySet().removeAll(imported.names());
        List<ImagePolicy.Unused> unused = new ArrayList<>();
        lastUsed.replaceAll((name, millis) -> {
            JsonNode image = java.util.Objects.requireNonNull(present.get(name));
            if (used.contains(Json.textAt(image, "Id"))) {
                return now.toEpochMilli();
            }
            unused.add(new ImagePolicy.Unused(name, image.path("Size").asLong(), Instant.ofEpochMilli(millis)));
            return millis;
        });
        EngineDisk.Space disk =
                new EngineDisk(engine).look().orElseThrow(() -> new IOException("no engine's disk to be seen"));
        for (ImagePolicy.Unused image : policy.victims(unused, disk.total(), disk.total() - disk.free(), now)) {
            remove(image);
        }
    }

    private Map<String, JsonNode> present() throws IOException {
        Map<String, JsonNode> present = new TreeMap<>();
        for (JsonNode image : engine.get("/images/json")) {
            image.path("RepoTags").forEach(t -> present.put(t.asText(), image));
            image.path("RepoDigests").forEach(d -> present.put(d.asText(), image));
        }
        return present;
    }

    /** By the name that we pulled it by: under another, which somebody gave it, it stays. */
    private void remove(ImagePolicy.Unused unused) throws IOException {
        if (engine.act("DELETE", "/images/" + Engine.encode(unused.name()), Engine.LONG)) {
            lastUsed.remove(unused.name());
            LOG.log(
                    System.Logger.Level.INFO,
                    "removed image {0}, {1} bytes, unused since {2}",
                    unused.name(),
                    unused.bytes(),
                    unused.lastUsed());
        }
    }

    private void save() throws IOException {
        ObjectNode json = Json.object();
        lastUsed.forEach((name, millis) -> json.put(name, millis - millis % HOUR));
        String text = Json.text(json);
        if (!text.equals(saved)) {
            DurableFile.replacePrivate(file, Json.bytes(json));
            saved = text;
        }
    }
}
