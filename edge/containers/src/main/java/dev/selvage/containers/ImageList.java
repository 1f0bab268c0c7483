package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.workloads.LocalImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The images of the engine, as last looked at. */
final class ImageList {
    /** Upstream's nodeStatusMaxImages. */
    private static final int MOST = 50;
    /** As many names of one as upstream tells. */
    private static final int MOST_NAMES = 5;

    private final Engine engine;
    private volatile List<LocalImage> last = List.of();

    ImageList(Engine engine) {
        this.engine = engine;
    }

    List<LocalImage> last() {
        return last;
    }

    /** An engine that does not answer changes nothing. */
    void look() {
        try {
            List<LocalImage> images = new ArrayList<>();
            for (JsonNode image : engine.get("/images/json")) {
                List<String> names = new ArrayList<>();
                add(names, image.path("RepoDigests"));
                add(names, image.path("RepoTags"));
                if (!names.isEmpty() && !names.contains(PauseImage.NAME)) {
                    images.add(new LocalImage(names, image.path("Size").asLong()));
                }
            }
            images.sort(Comparator.comparingLong(LocalImage::bytes)
                    .reversed()
                    .thenComparing(image -> image.names().getFirst()));
            last = List.copyOf(images.subList(0, Math.min(MOST, images.size())));
        } catch (IOException e) {
            System.getLogger(ImageList.class.getName()).log(System.Logger.Level.DEBUG, "images", e);
        }
    }

    private static void add(List<String> names, JsonNode more) {
        for (JsonNode name : more) {
            if (names.size() < MOST_NAMES && !name.asText().contains("<none>")) {
                names.add(name.asText());
            }
        }
    }
}
