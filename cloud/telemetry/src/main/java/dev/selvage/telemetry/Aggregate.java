package dev.selvage.telemetry;

import java.util.Locale;

/** How the points of one step become one. */
public enum Aggregate {
    AVG,
    MIN,
    MAX,
    LAST,
    COUNT;

    /**
     * @throws IllegalArgumentException naming what is accepted
     */
    public static Aggregate parse(String text) {
        for (Aggregate aggregate : values()) {
            if (aggregate.name().toLowerCase(Locale.ROOT).equals(text)) {
                return aggregate;
            }
        }
        throw new IllegalArgumentException(
                "aggregate: found \"" + text + "\", accepted are avg, min, max, last, count");
    }
}
