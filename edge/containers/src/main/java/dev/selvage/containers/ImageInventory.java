package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The images of the node's engine by name, and which of them stay. */
public final class ImageInventory {
    private final ContainersConfig config;
    private final Engine engine;
    private final ImportedImages imported;

    public ImageInventory(ContainersConfig config) {
        this.config = config;
        this.engine = new Engine(config.socket());
        this.imported = new ImportedImages(config.importedImages());
    }

    /** All but the agent's own pause image, by name. */
    public List<HeldImage> list() throws IOException {
        engine.facts();
        Set<String> kept = imported.names();
        Set<String> pulled = new PulledImages(config.pulledImages()).read().keySet();
        Map<String, Integer> containers = containers();
        List<HeldImage> all = new ArrayList<>();
        for (JsonNode image : engine.get("/images/json")) {
            String id = Json.textAt(image, "Id");
            for (String name : names(image)) {
                HeldImage.Origin origin = kept.contains(name)
                        ? HeldImage.Origin.IMPORTED
                        : pulled.contains(name) ? HeldImage.Origin.PULLED : HeldImage.Origin.OTHER;
                all.add(new HeldImage(name, id, image.path("Size").asLong(), containers.getOrDefault(id, 0), origin));
            }
        }
        all.sort(Comparator.comparing(HeldImage::name));
        return all;
    }

    /** Its tags, or the digests that it was pulled by where it has none. */
    private static List<String> names(JsonNode image) {
        List<String> names = new ArrayList<>();
        for (String kind : List.of("RepoTags", "RepoDigests")) {
            if (names.isEmpty()) {
                image.path(kind).forEach(n -> names.add(n.asText()));
                names.removeIf(n -> n.contains("<none>") || n.equals(PauseImage.NAME));
            }
        }
        return names;
    }

    private Map<String, Integer> containers() throws IOException {
        Map<String, Integer> containers = new HashMap<>();
        engine.get("/containers/json?all=1").forEach(c -> containers.merge(Json.textAt(c, "ImageID"), 1, Integer::sum));
        return containers;
    }

    /**
     * Takes a name away, and the image where it was the last one.
     *
     * @throws IOException when there is no such image, or containers use it
     */
    public void remove(String text) throws IOException {
        engine.facts();
        String name;
        try {
            name = ImageName.parse(text).familiar();
        } catch (IllegalArgumentException e) {
            throw new IOException("image \"%s\": accepted is REPOSITORY:TAG".formatted(text), e);
        }
        Optional<JsonNode> found = engine.find("/images/" + Engine.encode(name) + "/json");
        if (found.isEmpty() || name.equals(PauseImage.NAME)) {
            throw new IOException("the engine has no image \"%s\"; image list shows what it has".formatted(name));
        }
        int users = containers().getOrDefault(Json.textAt(found.get(), "Id"), 0);
        if (users > 0) {
            throw new IOException(
                    "image \"%s\" is used by %d containers: delete their pods first".formatted(name, users));
        }
        imported.release(name);
        if (!engine.act("DELETE", "/images/" + Engine.encode(name), Engine.LONG)) {
            throw new IOException("the engine does not let image \"%s\" go".formatted(name));
        }
    }
}
