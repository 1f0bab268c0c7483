package dev.selvage.containers;

/**
 * How much an image archive may be: beyond it lies a bomb, or a mistake.
 *
 * @param bytes of all that is unpacked: the archive itself, and its layers
 * @param ratio most bytes that one compressed byte may become, once more than {@code ratioFrom} have come of it
 * @param entries of the archive
 * @param layerEntries files of one layer
 * @param images in one archive
 * @param layers of one image: overlayfs stacks no more
 * @param document largest JSON document of the archive
 * @param documents all of them together: they are held in memory
 */
record ArchiveLimits(
        long bytes,
        int ratio,
        long ratioFrom,
        int entries,
        int layerEntries,
        int images,
        int layers,
        int document,
        int documents) {
    static final ArchiveLimits STANDARD =
            new ArchiveLimits(64L << 30, 200, 64L << 20, 10_000, 1_000_000, 100, 127, 1 << 20, 4 << 20);

    ArchiveLimits withBytes(long other) {
        return new ArchiveLimits(other, ratio, ratioFrom, entries, layerEntries, images, layers, document, documents);
    }
}
