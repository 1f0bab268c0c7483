package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One property of a DeviceModel, with its defaults applied.
 *
 * @param unit UCUM code, such as {@code Cel}; may be empty
 * @param min least physically possible value, -Infinity without a range
 * @param max greatest physically possible value, +Infinity without a range
 */
public record ModelProperty(
        String name, PropertyType type, String unit, boolean writable, double min, double max, String description) {

    static ModelProperty of(JsonNode property) {
        return new ModelProperty(
                Json.textAt(property, "name"),
                PropertyType.of(property.path("type").asText("number")).orElse(PropertyType.NUMBER),
                Json.textAt(property, "unit"),
                Json.textAt(property, "access").equals("readWrite"),
                Json.at(property, "range", "min").asDouble(Double.NEGATIVE_INFINITY),
                Json.at(property, "range", "max").asDouble(Double.POSITIVE_INFINITY),
                Json.textAt(property, "description"));
    }

    /** Whether a value is physically possible; NaN never is. */
    public boolean possible(Object value) {
        if (!(value instanceof Number number)) {
            return true;
        }
        double v = number.doubleValue();
        return Double.isFinite(v) && v >= min && v <= max;
    }

    /** The range as the end of a sentence: {@code -40.0 to 80.0}. */
    public String range() {
        return min + " to " + max;
    }
}
