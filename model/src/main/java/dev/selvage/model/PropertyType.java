package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Optional;

/** Type of a device property, and the Java type that carries its values. */
public enum PropertyType {
    /** Double. */
    NUMBER,
    /** Long. */
    INTEGER,
    /** Boolean. */
    BOOLEAN,
    /** String. */
    STRING;

    /** {@code number}, {@code integer}, {@code boolean}, {@code string}. */
    public static Optional<PropertyType> of(String label) {
        return Arrays.stream(values()).filter(t -> t.label().equals(label)).findFirst();
    }

    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The value of a JSON scalar in this type; empty when it is of another type. */
    public Optional<Object> value(JsonNode node) {
        return switch (this) {
            case NUMBER -> node.isNumber() ? Optional.of(node.doubleValue()) : Optional.empty();
            case INTEGER ->
                node.isNumber() && node.canConvertToExactIntegral() && node.canConvertToLong()
                        ? Optional.of(node.longValue())
                        : Optional.empty();
            case BOOLEAN -> node.isBoolean() ? Optional.of(node.booleanValue()) : Optional.empty();
            case STRING -> node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
        };
    }

    /** The value of a computed result in this type (a number becomes Double or Long); empty when it does not fit. */
    public Optional<Object> value(Object computed) {
        return switch (this) {
            case NUMBER -> computed instanceof Number n ? Optional.of(n.doubleValue()) : Optional.empty();
            case INTEGER -> computed instanceof Number n ? integral(n) : Optional.empty();
            case BOOLEAN -> computed instanceof Boolean ? Optional.of(computed) : Optional.empty();
            case STRING -> computed instanceof String ? Optional.of(computed) : Optional.empty();
        };
    }

    private static Optional<Object> integral(Number number) {
        double value = number.doubleValue();
        if (number instanceof Long || number instanceof Integer) {
            return Optional.of(number.longValue());
        }
        return value == Math.rint(value) && Math.abs(value) < 1L << 53 ? Optional.of((long) value) : Optional.empty();
    }
}
