package dev.selvage.model;

/**
 * One fault in an object.
 *
 * @param path the field, as {@code spec.properties[1].modbusTcp.address}
 * @param found what stands there, shortened
 * @param accepted what would be right, as the end of a sentence
 */
public record FieldError(String path, String found, String accepted) {
    private static final int SHOWN = 120;

    public FieldError {
        found = found.length() > SHOWN ? found.substring(0, SHOWN) + "…" : found;
    }

    @Override
    public String toString() {
        return path + ": Invalid value: " + found + ": " + accepted;
    }
}
