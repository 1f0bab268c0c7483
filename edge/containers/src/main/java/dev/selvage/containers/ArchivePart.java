package dev.selvage.containers;

import java.util.Optional;

/**
 * A file of an image archive, read to its end.
 *
 * @param name without {@code ./}
 * @param size in the archive
 * @param digest of that, in hexadecimal digits
 * @param document its bytes where it looks like JSON
 * @param layer what it is as a layer
 */
record ArchivePart(String name, long size, String digest, Optional<byte[]> document, Layer layer) {
    /**
     * @param diffId digest of the layer unpacked, in hexadecimal digits
     * @param bytes of its files
     * @param problem why it can be none; empty when it can
     */
    record Layer(String diffId, long bytes, String problem) {}
}
