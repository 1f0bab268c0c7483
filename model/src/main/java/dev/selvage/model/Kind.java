package dev.selvage.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kind of resource: its names, scope, table columns and schema. OpenAPI, validation and tables come from this one definition.
 *
 * @param group API group, empty for the core group
 * @param plural resource name in URLs, lower case
 * @param status whether the kind has a status subresource
 * @param columns table columns after NAME; empty where the API has upstream's printer
 * @param schema structural OpenAPI v3 schema of own kinds; null for built-in kinds, whose schema is upstream's
 */
public record Kind(
        String group,
        String version,
        String kind,
        String plural,
        String singular,
        List<String> shortNames,
        List<String> categories,
        Scope scope,
        boolean status,
        List<Column> columns,
        @Nullable ObjectNode schema) {

    public Kind {
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
        columns = List.copyOf(columns);
    }

    /** Unique name of the resource: {@code pods}, {@code devices.selvage.dev}. */
    public String id() {
        return group.isEmpty() ? plural : plural + "." + group;
    }

    /** {@code v1}, {@code selvage.dev/v1alpha1}. */
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    public boolean namespaced() {
        return scope == Scope.NAMESPACED;
    }
}
