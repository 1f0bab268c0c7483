package dev.selvage.model.plan;

import java.util.Locale;
import java.util.Optional;

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
    public static Optional<Type> ofProperty(String modelType) {
        return switch (modelType) {
            case "number" -> Optional.of(DOUBLE);
            case "integer" -> Optional.of(BIGINT);
            case "boolean" -> Optional.of(BOOLEAN);
            case "string" -> Optional.of(VARCHAR);
            default -> Optional.empty();
        };
    }
}
