package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the centre reads of a Node (upstream core/v1 Node); not a copy of the object, which stays a tree.
 *
 * @param runtimes what the node says it can run: upstream's {@code status.runtimeHandlers}, and label or annotation {@code runtime.selvage.dev/<name>: "true"}
 * @param images bytes of each image that the node has, by each of its names (upstream's {@code status.images})
 * @param others allocatable resources besides cpu, memory and pods, by name
 * @param cpuMillis allocatable CPU in thousandths of a core, or capacity where allocatable is absent
 */
public record Node(
        String name,
        String uid,
        Map<String, String> labels,
        boolean unschedulable,
        List<Taint> taints,
        Set<String> runtimes,
        long cpuMillis,
        long memoryBytes,
        long pods,
        Map<String, Long> others,
        Map<String, Long> images,
        Ready ready) {

    /** The other form of {@link Labels#RUNTIME_PREFIX}, for annotations as for labels. */
    private static final String RUNTIME_ALIAS = "selvage.dev/runtime.";

    private static final List<String> RUNTIME_PREFIXES = List.of(Labels.RUNTIME_PREFIX, RUNTIME_ALIAS);

    private static final Set<String> NAMED = Set.of("cpu", "memory", "pods");

    private static final Quantity NOTHING = new Quantity(BigDecimal.ZERO);

    /** Upstream's default for kubelets, used where a node does not say. */
    static final long DEFAULT_PODS = 110;

    /** The Ready condition's status; {@code UNKNOWN} also stands for no condition at all. */
    public enum Ready {
        TRUE,
        FALSE,
        UNKNOWN
    }

    public Node {
        labels = Map.copyOf(labels);
        taints = List.copyOf(taints);
        runtimes = Set.copyOf(runtimes);
        others = Map.copyOf(others);
        images = Map.copyOf(images);
    }

    public static Node of(ObjectNode object) {
        Map<String, String> labels = Meta.labels(object);
        JsonNode spec = object.path("spec");
        List<Taint> taints = new ArrayList<>();
        spec.path("taints").forEach(taint -> taints.add(Taint.of(taint)));
        JsonNode allocatable = allocatable(object.path("status"));
        return new Node(
                Meta.name(object),
                Meta.uid(object),
                labels,
                spec.path("unschedulable").asBoolean(false),
                taints,
                runtimes(labels, Meta.annotations(object), object.path("status")),
                allocatable.has("cpu") ? quantity(allocatable.path("cpu")).millis() : 0,
                allocatable.has("memory") ? quantity(allocatable.path("memory")).units() : 0,
                allocatable.has("pods") ? quantity(allocatable.path("pods")).units() : DEFAULT_PODS,
                others(allocatable),
                images(object.path("status")),
                ready(object));
    }

    private static Map<String, Long> images(JsonNode status) {
        Map<String, Long> images = new TreeMap<>();
        for (JsonNode image : status.path("images")) {
            long bytes = image.path("sizeBytes").asLong(0);
            image.path("names").forEach(name -> images.put(name.asText(""), bytes));
        }
        return images;
    }

    private static JsonNode allocatable(JsonNode status) {
        JsonNode allocatable = status.path("allocatable");
        return allocatable.isEmpty() ? status.path("capacity") : allocatable;
    }

    private static Quantity quantity(JsonNode value) {
        return Quantity.parse(value.asText("")).orElse(NOTHING);
    }

    private static Map<String, Long> others(JsonNode allocatable) {
        Map<String, Long> others = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : allocatable.properties()) {
            if (!NAMED.contains(entry.getKey())) {
                others.put(entry.getKey(), quantity(entry.getValue()).units());
            }
        }
        return others;
    }

    private static Set<String> runtimes(Map<String, String> labels, Map<String, String> annotations, JsonNode status) {
        Set<String> runtimes = new TreeSet<>();
        status.path("runtimeHandlers")
                .forEach(handler -> runtimes.add(handler.path("name").asText("")));
        for (Map<String, String> map : List.of(labels, annotations)) {
            map.forEach((key, value) -> {
                if (value.equals("true")) {
                    for (String prefix : RUNTIME_PREFIXES) {
                        if (key.startsWith(prefix)) {
                            runtimes.add(key.substring(prefix.length()));
                        }
                    }
                }
            });
        }
        return runtimes;
    }

    private static Ready ready(ObjectNode object) {
        String status = Conditions.find(object, "Ready")
                .map(condition -> condition.path("status").asText(""))
                .orElse("");
        return switch (status) {
            case "True" -> Ready.TRUE;
            case "False" -> Ready.FALSE;
            default -> Ready.UNKNOWN;
        };
    }
}
