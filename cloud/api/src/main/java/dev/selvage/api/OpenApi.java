package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** OpenAPI documents: version 3 per group-version, version 2 over all; made once from {@link Schemas}. */
final class OpenApi {
    private static final List<String> PATCH_PARAMETERS = List.of("dryRun", "fieldManager", "fieldValidation", "force");

    private final Schemas schemas;
    private final Map<String, byte[]> documents = new TreeMap<>();
    private final byte[] index;
    private final ObjectNode version2;

    OpenApi(Schemas schemas, List<String> groupVersions, String version) {
        this.schemas = schemas;
        ObjectNode paths = Json.object();
        for (String groupVersion : groupVersions) {
            String path = (groupVersion.contains("/") ? "apis/" : "api/") + groupVersion;
            byte[] document = Json.bytes(version3(groupVersion, version));
            documents.put(path, document);
            paths.putObject(path).put("serverRelativeURL", "/openapi/v3/" + path + "?hash=" + hash(document));
        }
        ObjectNode root = Json.object();
        root.set("paths", paths);
        this.index = Json.bytes(root);
        this.version2 = version2(version);
    }

    byte[] index() {
        return index;
    }

    /** @param path {@code api/v1}, {@code apis/selvage.dev/v1alpha1} */
    byte[] document(String path) {
        byte[] document = documents.get(path);
        if (document == null) {
            throw ApiFailure.noSuchPath();
        }
        return document;
    }

    ObjectNode version2() {
        return version2;
    }

    private ObjectNode version3(String groupVersion, String version) {
        ObjectNode document = Json.object().put("openapi", "3.0.0");
        document.putObject("info").put("title", "Selvage").put("version", version);
        ObjectNode paths = document.putObject("paths");
        Set<String> needed = new TreeSet<>();
        for (Kind kind : Kinds.all()) {
            if (kind.apiVersion().equals(groupVersion)) {
                paths(paths, kind, true);
                collect(schemas.definitionName(kind), needed);
            }
        }
        schemas.definitions().all().forEach((name, schema) -> {
            JsonNode gvk = schema.path("x-kubernetes-group-version-kind").path(0);
            if (groupVersion.equals(
                    gvk.path("group").asText("") + "/" + gvk.path("version").asText(""))) {
                collect(name, needed);
            }
        });
        collect(Definitions.META + "DeleteOptions", needed);
        ObjectNode components = document.putObject("components").putObject("schemas");
        for (String name : needed) {
            components.set(name, rewrite(schemas.definitions().require(name), "#/components/schemas/", true));
        }
        return document;
    }

    private ObjectNode version2(String version) {
        ObjectNode document = Json.object().put("swagger", "2.0");
        document.putObject("info").put("title", "Selvage").put("version", version);
        ObjectNode paths = document.putObject("paths");
        Kinds.all().forEach(kind -> paths(paths, kind, false));
        ObjectNode definitions = document.putObject("definitions");
        schemas.definitions()
                .all()
                .forEach((name, schema) -> definitions.set(name, rewrite(schema, "#/definitions/", false)));
        return document;
    }

    private void collect(String name, Set<String> found) {
        ObjectNode schema = schemas.definitions().get(name);
        if (schema != null && found.add(name)) {
            schema.findValues("$ref").forEach(reference -> collect(reference.asText(), found));
        }
    }

    /** Full references; version 3 wraps one that has siblings in allOf, because siblings of $ref mean nothing there. */
    private static JsonNode rewrite(JsonNode schema, String prefix, boolean third) {
        if (schema instanceof ObjectNode object) {
            ObjectNode copy = Json.object();
            object.properties().forEach(e -> copy.set(e.getKey(), rewrite(e.getValue(), prefix, third)));
            if (copy.path("$ref").isTextual()) {
                String reference = prefix + copy.path("$ref").asText();
                copy.remove("$ref");
                if (third && !copy.isEmpty()) {
                    copy.putArray("allOf").addObject().put("$ref", reference);
                } else {
                    copy.put("$ref", reference);
                }
            }
            return copy;
        }
        if (schema instanceof ArrayNode array) {
            ArrayNode copy = Json.mapper().createArrayNode();
            array.forEach(item -> copy.add(rewrite(item, prefix, third)));
            return copy;
        }
        return schema;
    }

    private static void paths(ObjectNode paths, Kind kind, boolean third) {
        String base = (kind.group().isEmpty() ? "/api/" : "/apis/")
                + kind.apiVersion()
                + (kind.namespaced() ? "/namespaces/{namespace}/" : "/")
                + kind.plural();
        ObjectNode collection = paths.putObject(base);
        operation(collection, "get", "list", kind, third);
        operation(collection, "post", "create", kind, third);
        operation(collection, "delete", "deletecollection", kind, third);
        ObjectNode item = paths.putObject(base + "/{name}");
        operation(item, "get", "get", kind, third);
        operation(item, "put", "update", kind, third);
        operation(item, "patch", "patch", kind, third);
        operation(item, "delete", "delete", kind, third);
    }

    private static void operation(ObjectNode path, String method, String action, Kind kind, boolean third) {
        ObjectNode operation = path.putObject(method)
                .put("description", action + " " + kind.kind())
                .put("operationId", action + kind.apiVersion().replaceAll("[^A-Za-z0-9]", "") + kind.kind());
        ArrayNode parameters = operation.putArray("parameters");
        if (!method.equals("get")) {
            for (String name : PATCH_PARAMETERS) {
                ObjectNode parameter = parameters.addObject().put("name", name).put("in", "query");
                String type = name.equals("force") ? "boolean" : "string";
                if (third) {
                    parameter.putObject("schema").put("type", type);
                } else {
                    parameter.put("type", type);
                }
            }
        }
        operation.putObject("responses").putObject("200").put("description", "OK");
        operation.put("x-kubernetes-action", action);
        operation
                .putObject("x-kubernetes-group-version-kind")
                .put("group", kind.group())
                .put("kind", kind.kind())
                .put("version", kind.version());
    }

    private static String hash(byte[] document) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(document));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
