package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Authentication;
import io.kubernetes.client.proto.V1Authorization;
import io.kubernetes.client.proto.V1Autoscaling;
import io.kubernetes.client.proto.V1Batch;
import io.kubernetes.client.proto.V1Scheduling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The schema of every kind served: upstream's for built-in kinds, the model's for our own. */
final class Schemas {
    private final Definitions definitions = new Definitions();
    private final Map<List<String>, Descriptor> messages = new LinkedHashMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();

    Schemas() {
        for (Kind kind : Kinds.all()) {
            Descriptor message = message(kind);
            String name = message == null ? own(kind) : builtIn(kind, message);
            names.put(kind.id(), name);
        }
        body(
                V1Authorization.getDescriptor().findMessageTypeByName("SelfSubjectAccessReview"),
                "authorization.k8s.io/v1");
        body(
                V1Authorization.getDescriptor().findMessageTypeByName("SelfSubjectRulesReview"),
                "authorization.k8s.io/v1");
        body(V1Authentication.getDescriptor().findMessageTypeByName("SelfSubjectReview"), "authentication.k8s.io/v1");
        body(V1Autoscaling.getDescriptor().findMessageTypeByName("Scale"), "autoscaling/v1");
        messages.put(List.of("v1", "DeleteOptions"), Meta.DeleteOptions.getDescriptor());
        messages.put(List.of("meta.k8s.io/v1", "DeleteOptions"), Meta.DeleteOptions.getDescriptor());
        observedGeneration();
        definitions.add(Meta.DeleteOptions.getDescriptor());
        definitions.add(Meta.Status.getDescriptor());
    }

    /** Nodes report it, as upstream's do since 1.33; the messages are of an older release. */
    private void observedGeneration() {
        Json.child(definitions.require("io.k8s.api.core.v1.PodStatus"), "properties")
                .putObject("observedGeneration")
                .put("type", "integer")
                .put("format", "int64");
    }

    Definitions definitions() {
        return definitions;
    }

    /** Name of the kind's definition in the OpenAPI documents. */
    String definitionName(Kind kind) {
        return String.valueOf(names.get(kind.id()));
    }

    ObjectNode schema(Kind kind) {
        return definitions.require(definitionName(kind));
    }

    /** The protobuf message of a built-in kind or of an options type; null if there is none. */
    @Nullable
    Descriptor message(List<String> apiVersionAndKind) {
        return messages.get(apiVersionAndKind);
    }

    boolean builtIn(Kind kind) {
        return !kind.group().equals(Kinds.OWN_GROUP);
    }

    private static @Nullable Descriptor message(Kind kind) {
        return switch (kind.group()) {
            case "" -> V1.getDescriptor().findMessageTypeByName(kind.kind());
            case "batch" -> V1Batch.getDescriptor().findMessageTypeByName(kind.kind());
            case "apps" -> V1Apps.getDescriptor().findMessageTypeByName(kind.kind());
            case "scheduling.k8s.io" -> V1Scheduling.getDescriptor().findMessageTypeByName(kind.kind());
            case "coordination.k8s.io" -> LeaseDescriptor.LEASE;
            default -> null;
        };
    }

    private void body(@Nullable Descriptor message, String apiVersion) {
        if (message != null) {
            messages.put(List.of(apiVersion, message.getName()), message);
            ObjectNode schema = definitions.require(definitions.add(message));
            typeMeta(schema, group(apiVersion), "v1", message.getName());
        }
    }

    private static String group(String apiVersion) {
        return apiVersion.contains("/") ? apiVersion.substring(0, apiVersion.indexOf('/')) : "";
    }

    private String builtIn(Kind kind, Descriptor message) {
        messages.put(List.of(kind.apiVersion(), kind.kind()), message);
        String name = definitions.add(message);
        typeMeta(definitions.require(name), kind.group(), kind.version(), kind.kind());
        return name;
    }

    private String own(Kind kind) {
        ObjectNode schema = kind.schema() == null
                ? Json.object().put("type", "object").put("x-kubernetes-preserve-unknown-fields", true)
                : kind.schema().deepCopy();
        typeMeta(schema, kind.group(), kind.version(), kind.kind());
        ((ObjectNode) schema.get("properties"))
                .set("metadata", Json.object().put("$ref", definitions.add(Meta.ObjectMeta.getDescriptor())));
        String name = "dev.selvage." + kind.version() + "." + kind.kind();
        definitions.put(name, schema);
        return name;
    }

    private static void typeMeta(ObjectNode schema, String group, String version, String kind) {
        ObjectNode properties = Json.child(schema, "properties");
        ObjectNode head = Json.object();
        head.putObject("apiVersion")
                .put("type", "string")
                .put("description", "Versioned schema of this representation of an object.");
        head.putObject("kind").put("type", "string").put("description", "The REST resource this object represents.");
        for (Map.Entry<String, JsonNode> property : properties.properties()) {
            head.set(property.getKey(), property.getValue());
        }
        schema.set("properties", head);
        schema.putArray("x-kubernetes-group-version-kind")
                .addObject()
                .put("group", group)
                .put("kind", kind)
                .put("version", version);
    }
}
