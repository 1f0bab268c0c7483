package dev.selvage.model;

/** How far a reported value can be trusted (after OPC UA Part 8, the severity of a status code). */
public enum Quality {
    /** Read as wanted and physically possible. */
    GOOD("Good"),
    /** The last known value while its device is being retried, or a reading of which only a part is good. */
    UNCERTAIN("Uncertain"),
    /** Physically impossible, not readable, or of a device that is lost. */
    BAD("Bad");

    private final String label;

    Quality(String label) {
        this.label = label;
    }

    /** As it stands in a resource: {@code Good}. */
    public String label() {
        return label;
    }
}
