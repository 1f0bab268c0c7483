package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Names one object.
 *
 * @param resource {@link Kind#id()}
 * @param namespace empty for cluster scope
 */
public record ObjectKey(String resource, String namespace, String name) implements Comparable<ObjectKey> {
    public static ObjectKey of(Kind kind, String namespace, String name) {
        return new ObjectKey(kind.id(), kind.namespaced() ? namespace : "", name);
    }

    public static ObjectKey cluster(Kind kind, String name) {
        return of(kind, "", name);
    }

    /**
     * The key of an object from its apiVersion, kind and metadata.
     *
     * @throws IllegalArgumentException for a kind that is not served
     */
    public static ObjectKey of(JsonNode object) {
        String apiVersion = Json.textAt(object, "apiVersion");
        String kind = Json.textAt(object, "kind");
        return of(
                Kinds.byKind(apiVersion, kind)
                        .orElseThrow(() -> new IllegalArgumentException("no kind " + kind + " in " + apiVersion)),
                Meta.namespace(object),
                Meta.name(object));
    }

    @Override
    public int compareTo(ObjectKey other) {
        int order = resource.compareTo(other.resource);
        order = order != 0 ? order : namespace.compareTo(other.namespace);
        return order != 0 ? order : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? resource + "/" + name : resource + "/" + namespace + "/" + name;
    }
}
