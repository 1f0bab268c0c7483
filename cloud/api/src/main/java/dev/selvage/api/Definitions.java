package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * OpenAPI schemas of the built-in types, made from upstream's protobuf descriptors and {@link SchemaTable}. References
 * have the form {@code {"$ref": NAME}} with the bare definition name; the OpenAPI documents rewrite them.
 */
final class Definitions {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private final Map<String, ObjectNode> byName = new TreeMap<>();

    /** Adds the message and everything that it refers to; answers the definition's name. */
    String add(Descriptor message) {
        String name = name(message);
        if (!byName.containsKey(name)) {
            ObjectNode schema = NODES.objectNode();
            byName.put(name, schema); // before the fields: types may refer to themselves
            describe(schema, message.getName());
            schema.put("type", "object");
            ObjectNode properties = schema.putObject("properties");
            addFields(schema, properties, message);
            addOwnFields(properties, message.getName());
            List<String> required = SchemaTable.REQUIRED.getOrDefault(message.getName(), List.of());
            if (!required.isEmpty()) {
                required.forEach(schema.putArray("required")::add);
            }
        }
        return name;
    }

    void put(String name, ObjectNode schema) {
        byName.put(name, schema);
    }

    @Nullable
    ObjectNode get(String name) {
        return byName.get(name);
    }

    ObjectNode require(String name) {
        ObjectNode schema = byName.get(name);
        if (schema == null) {
            throw new IllegalStateException("no definition " + name);
        }
        return schema;
    }

    Map<String, ObjectNode> all() {
        return byName;
    }

    /** Follows a reference; every other schema is its own meaning. */
    JsonNode resolve(JsonNode schema) {
        JsonNode reference = schema.get("$ref");
        if (reference == null) {
            return schema;
        }
        ObjectNode target = byName.get(reference.asText());
        return target == null ? schema : target;
    }

    static String name(Descriptor message) {
        String full = message.getFullName(); // k8s.io.api.core.v1.Pod -> io.k8s.api.core.v1.Pod
        return full.startsWith("k8s.io.") ? "io.k8s." + full.substring("k8s.io.".length()) : full;
    }

    private void addFields(ObjectNode schema, ObjectNode properties, Descriptor message) {
        for (FieldDescriptor field : message.getFields()) {
            if (SchemaTable.INLINE.contains(field.getName())) {
                Descriptor inner = field.getMessageType();
                addFields(schema, properties, inner);
                continue;
            }
            if (isAncient(field)) {
                continue;
            }
            String key = message.getName() + "." + field.getName();
            ObjectNode property = field.isMapField()
                    ? mapOf(field.getMessageType().findFieldByName("value"))
                    : field.isRepeated() ? listOf(field, key) : single(field);
            describe(property, key);
            List<String> allowed = SchemaTable.ENUMS.get(key);
            if (allowed != null) {
                allowed.forEach(property.putArray("enum")::add);
            }
            properties.set(field.getName(), property);
        }
    }

    private static void addOwnFields(ObjectNode properties, String type) {
        SchemaTable.OWN.getOrDefault(type, Map.of()).forEach((name, form) -> {
            ObjectNode property = properties.putObject(name);
            if (form.equals("booleans")) {
                property.put("type", "object").putObject("additionalProperties").put("type", "boolean");
            } else {
                property.put("type", form);
            }
            describe(property, type + "." + name);
        });
    }

    /** Volume plug-ins of clouds long gone; they would triple the documents. */
    private static boolean isAncient(FieldDescriptor field) {
        return switch (field.getName()) {
            case "gcePersistentDisk",
                    "awsElasticBlockStore",
                    "glusterfs",
                    "rbd",
                    "flexVolume",
                    "cinder",
                    "cephfs",
                    "flocker",
                    "azureFile",
                    "azureDisk",
                    "vsphereVolume",
                    "quobyte",
                    "photonPersistentDisk",
                    "portworxVolume",
                    "scaleIO",
                    "storageos",
                    "gitRepo" -> true;
            default -> false;
        };
    }

    private ObjectNode mapOf(FieldDescriptor value) {
        ObjectNode map = NODES.objectNode().put("type", "object");
        map.set("additionalProperties", single(value));
        return map;
    }

    private ObjectNode listOf(FieldDescriptor field, String key) {
        ObjectNode list = NODES.objectNode().put("type", "array");
        list.set("items", single(field));
        SchemaTable.Merge merge = SchemaTable.MERGE.get(key);
        if (merge != null) {
            list.put("x-kubernetes-patch-strategy", merge.retainKeys() ? "merge,retainKeys" : "merge");
            if (!merge.key().isEmpty()) {
                list.put("x-kubernetes-patch-merge-key", merge.key());
            }
        }
        return list;
    }

    private ObjectNode single(FieldDescriptor field) {
        ObjectNode schema = NODES.objectNode();
        switch (field.getJavaType()) {
            case STRING -> schema.put("type", "string");
            case BOOLEAN -> schema.put("type", "boolean");
            case INT -> schema.put("type", "integer").put("format", "int32");
            case LONG -> schema.put("type", "integer").put("format", "int64");
            case FLOAT, DOUBLE -> schema.put("type", "number").put("format", "double");
            case BYTE_STRING -> schema.put("type", "string").put("format", "byte");
            case ENUM -> throw new IllegalStateException("upstream has no enum fields: " + field.getFullName());
            case MESSAGE -> message(schema, field.getMessageType());
        }
        return schema;
    }

    private void message(ObjectNode schema, Descriptor message) {
        switch (message.getName()) {
            case "Time", "MicroTime" -> schema.put("type", "string").put("format", "date-time");
            case "Quantity" -> schema.put("type", "string").put("format", "quantity");
            case "IntOrString" -> schema.put("type", "string").put("format", "int-or-string");
            case "Duration" -> schema.put("type", "string").put("format", "duration");
            case "FieldsV1", "RawExtension" -> schema.put("type", "object");
            case "ExtraValue" -> schema.put("type", "array").putObject("items").put("type", "string");
            default -> schema.put("$ref", add(message));
        }
    }

    private static void describe(ObjectNode schema, String key) {
        String text = SchemaTable.DESCRIPTIONS.get(key);
        if (text != null) {
            schema.put("description", text);
        }
    }
}
