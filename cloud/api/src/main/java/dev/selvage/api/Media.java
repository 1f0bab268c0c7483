package dev.selvage.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One entry of an Accept header with its parameters (RFC 9110 section 12.5.1); weights are ignored, as upstream orders
 * by position.
 */
record Media(String type, Map<String, String> parameters) {
    static List<Media> accepted(String header) {
        return Stream.of(header.split(",", 32)).map(Media::parse).toList();
    }

    private static Media parse(String text) {
        String[] parts = text.split(";", 16);
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals > 0) {
                parameters.put(
                        parts[i].substring(0, equals).strip(),
                        parts[i].substring(equals + 1).strip().replace("\"", ""));
            }
        }
        return new Media(parts[0].strip().toLowerCase(Locale.ROOT), parameters);
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    /** Whether this is JSON in another representation of the object, such as a Table. */
    boolean is(String as, String group) {
        return type.equals("application/json")
                && parameter("as").equals(as)
                && parameter("g").equals(group);
    }
}
