package dev.selvage.containers;

/**
 * A name by which the engine has an image.
 *
 * @param id {@code sha256:…} of its config
 * @param bytes of its files
 * @param containers that use it, whoever made them
 * @param origin how it came
 */
public record HeldImage(String name, String id, long bytes, int containers, Origin origin) {
    /** Image collection takes what was pulled, and nothing else. */
    public enum Origin {
        IMPORTED,
        PULLED,
        OTHER
    }
}
