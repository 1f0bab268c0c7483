package dev.selvage.model;

/**
 * One column of a kind's table, as in {@code CustomResourceColumnDefinition}.
 *
 * @param type OpenAPI type: string, integer, number, boolean, date
 * @param format OpenAPI format, or empty
 * @param priority 0 is always shown, more only in wide views
 * @param jsonPath a simple path such as {@code .spec.model} or {@code .status.conditions[?(@.type=="Ready")].status}
 */
public record Column(String name, String type, String format, String description, int priority, String jsonPath) {
    public static Column text(String name, String jsonPath) {
        return new Column(name, "string", "", name, 0, jsonPath);
    }

    public static Column wide(String name, String jsonPath) {
        return new Column(name, "string", "", name, 1, jsonPath);
    }

    public static Column age() {
        return new Column("Age", "date", "", "Time since creation", 0, ".metadata.creationTimestamp");
    }
}
