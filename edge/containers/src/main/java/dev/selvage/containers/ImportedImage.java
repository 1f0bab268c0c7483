package dev.selvage.containers;

import java.util.List;

/**
 * An image that has come into the engine from an archive.
 *
 * @param names that pods use
 * @param id {@code sha256:…} of its config
 * @param architecture in Go's words
 * @param layers how many
 * @param bytes of its files
 */
public record ImportedImage(List<String> names, String id, String architecture, int layers, long bytes) {}
