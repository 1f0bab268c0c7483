package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Property values in JSON. */
final class Values {
    private Values() {}

    /** Puts a Double, Long, Boolean or String as the JSON scalar of its kind. */
    static void put(ObjectNode node, String field, Object value) {
        switch (value) {
            case Long number -> node.put(field, number);
            case Number number -> node.put(field, number.doubleValue());
            case Boolean bool -> node.put(field, bool);
            default -> node.put(field, value.toString());
        }
    }
}
