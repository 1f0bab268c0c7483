package dev.selvage.containers;

import java.util.List;

/**
 * An image in an archive, whose parts are all there and are what their digests say.
 *
 * @param names as the engine will know it
 * @param config its document, which makes its id
 * @param architecture in Go's words
 * @param layers the lowest first
 */
record ArchivedImage(List<String> names, ArchivePart config, String architecture, List<ArchivePart> layers) {
    ArchivedImage {
        names = List.copyOf(names);
        layers = List.copyOf(layers);
    }

    ArchivedImage named(String name) {
        return new ArchivedImage(List.of(name), config, architecture, layers);
    }

    String id() {
        return "sha256:" + config.digest();
    }

    /** Of its files, unpacked. */
    long bytes() {
        return layers.stream().mapToLong(l -> l.layer().bytes()).sum();
    }

    /** Digests of its layers, unpacked, as the engine tells them. */
    List<String> diffIds() {
        return layers.stream().map(l -> "sha256:" + l.layer().diffId()).toList();
    }
}
