package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/**
 * Removes images that the agent has pulled and nobody uses any more. What came otherwise, by an import say, or for other users
 * of the engine, is never touched: at a site without a registry it would not come back.
 */
final class ImageCollector implements Images.Pulls {
    private static final System.Logger LOG = System.getLogger(ImageCollector.class.getName());

    private final Engine engine;
    private final ImagePolicy policy;
    private final PulledImages file;
    private final ImportedImages imported;
    private final Map<String, Long> lastUsed;

    /**
     * @param pulled where it is noted what has been pulled
     * @param imported names that stay
     */
    ImageCollector(Engine engine, ImagePolicy policy, Path pulled, ImportedImages imported) {
        this.engine = engine;
        this.policy = policy;
        this.file = new PulledImages(pulled);
        this.imported = imported;
        this.lastUsed = read();
    }

    /** What cannot be read is forgotten: those images stay until somebody else removes them. */
    private Map<String, Long> read() {
        try {
            return file.read();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "images pulled before are kept, their list cannot be read: {0}", e);
            return new TreeMap<>();
        }
    }

    /** Where the tag moves, what it was stays behind, known by its digest only. */
    @Override
    public synchronized void pulling(ImageName name, JsonNode present) {
        if (!lastUsed.containsKey(name.familiar())) {
            return; // it came otherwise
        }
        String repository = ImageName.parse(name.familiar()).repository() + "@";
        for (JsonNode digest : present.path("RepoDigests")) {
            if (digest.asText().startsWith(repository)) {
                note(digest.asText());
            }
        }
    }

    @Override
    public synchronized void pulled(ImageName name) {
        note(name.familiar());
    }

    private void note(String name) {
        lastUsed.put(name, System.currentTimeMillis());
        try {
            file.save(lastUsed);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "image {0} is not noted for collection: {1}", name, e);
        }
    }

    /** One look; an engine that does not answer is looked at later. */
    synchronized void look() {
        if (lastUsed.isEmpty()) {
            return;
        }
        try {
            collect();
            file.save(lastUsed);
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
            if (used.contains(Json.textAt(image, "Id")) || heldByTag(name, image)) {
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

    /** A digest beside a tag of ours: the image goes with the tag. */
    private boolean heldByTag(String name, JsonNode image) {
        return name.contains("@")
                && StreamSupport.stream(image.path("RepoTags").spliterator(), false)
                        .anyMatch(tag -> lastUsed.containsKey(tag.asText()));
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
}
