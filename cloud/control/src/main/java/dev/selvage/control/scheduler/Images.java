package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** How much of a pod's images a node already has (upstream's plugin ImageLocality). Not thread-safe. */
final class Images {
    private static final long MEGABYTE = 1024 * 1024;
    private static final long LEAST = 23 * MEGABYTE;
    private static final long MOST_PER_CONTAINER = 1000 * MEGABYTE;

    private final Map<String, Integer> nodesWith = new HashMap<>();

    /** The images that a pod runs, in the form that nodes list them by: with a tag. */
    static List<String> of(JsonNode podSpec) {
        return StreamSupport.stream(podSpec.path("containers").spliterator(), false)
                .map(container -> tagged(Json.textAt(container, "image")))
                .filter(image -> !image.isEmpty() && !image.startsWith("host"))
                .toList();
    }

    /** Upstream's normalizedImageName: without a tag it is latest. */
    private static String tagged(String image) {
        return image.isEmpty() || image.lastIndexOf(':') > image.lastIndexOf('/') ? image : image + ":latest";
    }

    void count(Node node, int change) {
        node.images().keySet().forEach(image -> nodesWith.merge(image, change, (a, b) -> a + b == 0 ? null : a + b));
    }

    /** 0 to 100; an image that few nodes have counts less, so that pods do not all go there. */
    long score(List<String> images, Node node, int nodes) {
        if (images.isEmpty() || node.images().isEmpty()) {
            return 0;
        }
        long sum = 0;
        for (String image : images) {
            long size = node.images().getOrDefault(image, 0L);
            sum += (long) (size * ((double) nodesWith.getOrDefault(image, 0) / nodes));
        }
        long most = MOST_PER_CONTAINER * images.size();
        return 100 * (Math.clamp(sum, LEAST, most) - LEAST) / (most - LEAST);
    }
}
