package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A view of one container of a Pod (core/v1 Container). */
public record PodContainer(JsonNode node) {
    public String name() {
        return Json.textAt(node, "name");
    }

    public String image() {
        return Json.textAt(node, "image");
    }

    public List<String> command() {
        return texts("command");
    }

    public List<String> args() {
        return texts("args");
    }

    public String workingDir() {
        return Json.textAt(node, "workingDir");
    }

    public JsonNode env() {
        return node.path("env");
    }

    public JsonNode envFrom() {
        return node.path("envFrom");
    }

    public JsonNode volumeMounts() {
        return node.path("volumeMounts");
    }

    /** Thousandths of a core; absent = no limit. */
    public OptionalLong cpuLimit() {
        return millis("limits");
    }

    /** Bytes; absent = no limit. */
    public OptionalLong memoryLimit() {
        return bytes("limits");
    }

    /** Of the node's disk; absent = no limit. */
    public Optional<Quantity> storageLimit() {
        return quantity("limits", "ephemeral-storage");
    }

    /** As the pod says it; empty = no limit. */
    public String storageLimitText() {
        return Json.textAt(node, "resources", "limits", "ephemeral-storage");
    }

    /** Thousandths of a core; the limit where only that is given, as upstream defaults it. */
    public OptionalLong cpuRequest() {
        OptionalLong asked = millis("requests");
        return asked.isPresent() ? asked : cpuLimit();
    }

    /** Bytes; the limit where only that is given, as upstream defaults it. */
    public OptionalLong memoryRequest() {
        OptionalLong asked = bytes("requests");
        return asked.isPresent() ? asked : memoryLimit();
    }

    /** The number behind a port name, or empty. */
    public Optional<Integer> portNamed(String name) {
        for (JsonNode port : node.path("ports")) {
            if (Json.textAt(port, "name").equals(name)) {
                return Optional.of(port.path("containerPort").asInt());
            }
        }
        return Optional.empty();
    }

    private OptionalLong millis(String field) {
        return quantity(field, "cpu").map(q -> OptionalLong.of(q.millis())).orElse(OptionalLong.empty());
    }

    private OptionalLong bytes(String field) {
        return quantity(field, "memory").map(q -> OptionalLong.of(q.units())).orElse(OptionalLong.empty());
    }

    private Optional<Quantity> quantity(String field, String resource) {
        return Quantity.parse(Json.textAt(node, "resources", field, resource));
    }

    private List<String> texts(String field) {
        List<String> list = new ArrayList<>();
        node.path(field).forEach(t -> list.add(t.asText()));
        return list;
    }
}
