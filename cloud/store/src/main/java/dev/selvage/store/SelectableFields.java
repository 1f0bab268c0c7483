package dev.selvage.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The fields that a field selector may name, by kind; upstream's lists for the built-in kinds. */
public final class SelectableFields {
    private static final List<String> OF_EVERY_KIND = List.of("metadata.name", "metadata.namespace");
    private static final Map<String, List<String>> BY_RESOURCE = Map.of(
            Kinds.POD.id(),
                    List.of(
                            "spec.nodeName",
                            "spec.restartPolicy",
                            "spec.schedulerName",
                            "spec.serviceAccountName",
                            "spec.hostNetwork",
                            "status.phase",
                            "status.podIP",
                            "status.nominatedNodeName"),
            Kinds.NODE.id(), List.of("spec.unschedulable"),
            Kinds.NAMESPACE.id(), List.of("status.phase"),
            Kinds.SECRET.id(), List.of("type"),
            Kinds.EVENT.id(),
                    List.of(
                            "involvedObject.kind",
                            "involvedObject.namespace",
                            "involvedObject.name",
                            "involvedObject.uid",
                            "involvedObject.apiVersion",
                            "involvedObject.resourceVersion",
                            "involvedObject.fieldPath",
                            "reason",
                            "reportingComponent",
                            "source",
                            "type"),
            Kinds.DEVICE.id(), List.of("spec.nodeName", "spec.model"));

    private SelectableFields() {}

    /** Every path that is accepted for the kind with this {@code Kind.id()}. */
    public static List<String> of(String resource) {
        return Stream.concat(OF_EVERY_KIND.stream(), particular(resource).stream())
                .toList();
    }

    static Map<String, String> extract(String resource, JsonNode object) {
        Map<String, String> fields = new HashMap<>();
        for (String path : particular(resource)) {
            String value = value(object, path);
            if (!value.isEmpty()) {
                fields.put(path, value);
            }
        }
        return Map.copyOf(fields);
    }

    private static List<String> particular(String resource) {
        return BY_RESOURCE.getOrDefault(resource, List.of());
    }

    private static String value(JsonNode object, String path) {
        return switch (path) {
            case "source" -> Json.textAt(object, "source", "component");
            case "spec.unschedulable", "spec.hostNetwork" ->
                Boolean.toString(Json.at(object, path.split("\\.")).asBoolean(false));
            default -> Json.textAt(object, path.split("\\."));
        };
    }
}
