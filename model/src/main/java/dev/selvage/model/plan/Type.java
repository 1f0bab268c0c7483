package dev.selvage.model.plan;

import dev.selvage.model.PropertyType;
import java.util.Locale;

/**
 * The types a plan computes with, a subset of Flink's. INT differs from BIGINT only in that its results wrap at 32 bits.
 */
public enum Type {
    BOOLEAN,
    INT,
    BIGINT,
    DOUBLE,
    VARCHAR,
    TIMESTAMP;

    public boolean integer() {
        return this == INT || this == BIGINT;
    }

    public boolean numeric() {
        return integer() || this == DOUBLE;
    }

    /** The word in the plan's JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The type of a DeviceModel's property. */
    public static Type of(PropertyType property) {
        return switch (property) {
            case NUMBER -> DOUBLE;
            case INTEGER -> BIGINT;
            case BOOLEAN -> BOOLEAN;
            case STRING -> VARCHAR;
        };
    }
}
