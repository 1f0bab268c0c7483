package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Column;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Tables of one kind (meta.k8s.io/v1 Table): what {@code kubectl get} shows. */
final class Tables {
    /** @param text the cell's value; empty text is shown as {@code <none>} */
    record Cell(Column column, Function<ObjectNode, JsonNode> text) {}

    private static final Map<String, Tables> BY_KIND =
            Kinds.all().stream().collect(Collectors.toUnmodifiableMap(Kind::id, Tables::new));

    private final List<Cell> cells = new ArrayList<>();

    private Tables(Kind kind) {
        cells.add(new Cell(
                new Column("Name", "string", "name", "Name must be unique within a namespace.", 0, ".metadata.name"),
                object -> Json.mapper().getNodeFactory().textNode(Meta.name(object))));
        if (kind.columns().isEmpty()) {
            cells.addAll(PrintedColumns.of(kind));
        } else {
            kind.columns().forEach(column -> cells.add(declared(column)));
        }
    }

    static Tables of(Kind kind) {
        Tables tables = BY_KIND.get(kind.id());
        if (tables == null) {
            throw new IllegalStateException("no table of " + kind.id());
        }
        return tables;
    }

    private static Cell declared(Column column) {
        JsonPath path = new JsonPath(column.jsonPath());
        boolean date = column.type().equals("date");
        return new Cell(column, object -> {
            JsonNode value = path.of(object);
            return date ? PrintedColumns.text(Ages.since(value.asText(""))) : flat(value);
        });
    }

    private static JsonNode flat(JsonNode value) {
        if (value.isArray()) {
            List<String> items = new ArrayList<>();
            value.forEach(item -> items.add(item.isValueNode() ? item.asText() : item.toString()));
            return PrintedColumns.text(String.join(",", items));
        }
        return value.isObject() ? PrintedColumns.text(value.toString()) : value;
    }

    /** A table without rows. */
    ObjectNode table(boolean withColumns) {
        ObjectNode table = Json.object().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.putObject("metadata");
        ArrayNode definitions = table.putArray("columnDefinitions");
        if (withColumns) {
            for (Cell cell : cells) {
                Column column = cell.column();
                definitions
                        .addObject()
                        .put("name", column.name())
                        .put("type", column.type().equals("date") ? "string" : column.type())
                        .put("format", column.format())
                        .put("description", column.description())
                        .put("priority", column.priority());
            }
        }
        table.putArray("rows");
        return table;
    }

    void row(ArrayNode rows, ObjectNode object, String includeObject) {
        ObjectNode row = rows.addObject();
        ArrayNode values = row.putArray("cells");
        for (Cell cell : cells) {
            JsonNode value = cell.text().apply(object);
            boolean none = value.isMissingNode()
                    || value.isNull()
                    || (value.isTextual() && value.asText().isEmpty());
            values.add(none ? PrintedColumns.text("<none>") : value);
        }
        switch (includeObject) {
            case "Metadata" -> row.set("object", Reads.metadata(object));
            case "Object" -> row.set("object", object);
            default -> {} // None
        }
    }
}
