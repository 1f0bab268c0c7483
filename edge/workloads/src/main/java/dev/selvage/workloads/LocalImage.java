package dev.selvage.workloads;

import java.util.List;

/**
 * An image on the node (core/v1 ContainerImage).
 *
 * @param names by digest and by tag
 */
public record LocalImage(List<String> names, long bytes) {
    public LocalImage {
        names = List.copyOf(names);
    }
}
