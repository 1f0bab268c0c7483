package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.Pod;
import dev.selvage.model.PodContainer;
import dev.selvage.model.Quantity;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the downward API tells of a pod, its labels and its resources, in the kubelet's form (kubernetes.io/docs/concepts/workloads/pods/downward-api). */
final class DownwardFields {
    private final Pod pod;
    private final NodeResources node;

    DownwardFields(Pod pod, NodeResources node) {
        this.pod = pod;
        this.node = node;
    }

    /** A field of metadata; empty for all others. */
    Optional<String> metadata(String path) {
        if (path.endsWith("']")
                && (path.startsWith("metadata.labels['") || path.startsWith("metadata.annotations['"))) {
            String key = path.substring(path.indexOf('\'') + 1, path.length() - 2);
            Map<String, String> map =
                    path.startsWith("metadata.labels") ? Meta.labels(pod.object()) : Meta.annotations(pod.object());
            return Optional.of(map.getOrDefault(key, ""));
        }
        return switch (path) {
            case "metadata.name" -> Optional.of(pod.name());
            case "metadata.namespace" -> Optional.of(pod.namespace());
            case "metadata.uid" -> Optional.of(pod.uid());
            case "metadata.labels" -> Optional.of(lines(Meta.labels(pod.object())));
            case "metadata.annotations" -> Optional.of(lines(Meta.annotations(pod.object())));
            default -> Optional.empty();
        };
    }

    /**
     * A request or limit in units of the divisor, rounded up.
     *
     * @param selector a ResourceFieldSelector
     * @param own the container that asks, for a selector that names none
     */
    String resource(JsonNode selector, String own) throws MissingConfigException {
        String name = Json.textAt(selector, "containerName");
        String wanted = name.isEmpty() ? own : name;
        PodContainer container = pod.container(wanted)
                .orElseThrow(() -> new MissingConfigException("container %s not found".formatted(wanted)));
        String resource = Json.textAt(selector, "resource");
        Quantity value = quantity(container, resource)
                .orElseThrow(() -> new MissingConfigException("resource %s is not offered".formatted(resource)));
        Quantity divisor = Quantity.parse(Json.textAt(selector, "divisor"))
                .filter(d -> d.value().signum() > 0)
                .orElse(Quantity.of(1));
        return value.value()
                .divide(divisor.value(), 0, RoundingMode.CEILING)
                .toBigInteger()
                .toString();
    }

    private Optional<Quantity> quantity(PodContainer container, String resource) {
        JsonNode resources = container.node().path("resources");
        return switch (resource) {
            case "limits.cpu" -> limit(resources, "cpu", Quantity.ofMillis(node.cpuMillis()));
            case "limits.memory" -> limit(resources, "memory", Quantity.of(node.memoryBytes()));
            case "limits.ephemeral-storage" -> limit(resources, "ephemeral-storage", Quantity.of(node.storageBytes()));
            case "requests.cpu", "requests.memory", "requests.ephemeral-storage" ->
                request(resources, resource.substring("requests.".length()));
            default -> Optional.empty();
        };
    }

    /** A container without a limit is told what the node has (upstream: MergeContainerResourceLimits). */
    private static Optional<Quantity> limit(JsonNode resources, String name, Quantity otherwise) {
        return said(resources, "limits", name)
                .filter(q -> q.value().signum() > 0)
                .or(() -> Optional.of(otherwise));
    }

    private static Optional<Quantity> request(JsonNode resources, String name) {
        return said(resources, "requests", name)
                .or(() -> said(resources, "limits", name))
                .or(() -> Optional.of(Quantity.of(0)));
    }

    private static Optional<Quantity> said(JsonNode resources, String side, String name) {
        return Quantity.parse(resources.path(side).path(name).asText(""));
    }

    /** {@code key="value"} by key, a line each; the last without an end (upstream: fieldpath.FormatMap). */
    private static String lines(Map<String, String> map) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(map)
                .forEach((key, value) -> text.append(text.isEmpty() ? "" : "\n")
                        .append(key)
                        .append('=')
                        .append(GoQuote.of(value)));
        return text.toString();
    }
}
