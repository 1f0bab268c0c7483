package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Quantity;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * What a pod asks of a node. Upstream's sum: the larger of all containers together and the largest init container
 * beside the sidecars started before it, plus the overhead.
 *
 * @param others resources besides cpu and memory, by name
 */
record Requests(long cpuMillis, long memoryBytes, Map<String, Long> others) {
    static final Requests NONE = new Requests(0, 0, Map.of());

    private static final long SCORED_CPU_MILLIS = 100;
    private static final long SCORED_MEMORY_BYTES = 200L << 20;

    private static final Quantity NOTHING = new Quantity(BigDecimal.ZERO);

    Requests {
        others = Map.copyOf(others);
    }

    static Requests of(JsonNode podSpec) {
        Requests running = NONE;
        for (JsonNode container : podSpec.path("containers")) {
            running = running.plus(ofContainer(container));
        }
        Requests sidecars = NONE;
        Requests starting = NONE;
        for (JsonNode container : podSpec.path("initContainers")) {
            Requests own = ofContainer(container);
            if (container.path("restartPolicy").asText("").equals("Always")) {
                sidecars = sidecars.plus(own);
                starting = starting.max(sidecars);
            } else {
                starting = starting.max(sidecars.plus(own));
            }
        }
        return running.plus(sidecars).max(starting).plus(ofList(podSpec.path("overhead")));
    }

    /** The same sum for scores: a container that asks for no CPU or memory counts with 100m and 200 MiB, as upstream. */
    static Requests scored(JsonNode podSpec) {
        long cpu = 0;
        long memory = 0;
        for (JsonNode container : podSpec.path("containers")) {
            Requests own = ofContainer(container);
            cpu += own.cpuMillis() == 0 ? SCORED_CPU_MILLIS : own.cpuMillis();
            memory += own.memoryBytes() == 0 ? SCORED_MEMORY_BYTES : own.memoryBytes();
        }
        return new Requests(cpu, memory, Map.of());
    }

    /** A container's requests; what it only limits it also requests (upstream's default). */
    private static Requests ofContainer(JsonNode container) {
        Requests limits = ofList(container.path("resources").path("limits"));
        JsonNode requests = container.path("resources").path("requests");
        Requests asked = ofList(requests);
        Map<String, Long> others = new HashMap<>(limits.others());
        others.putAll(asked.others());
        return new Requests(
                requests.has("cpu") ? asked.cpuMillis() : limits.cpuMillis(),
                requests.has("memory") ? asked.memoryBytes() : limits.memoryBytes(),
                others);
    }

    private static Requests ofList(JsonNode list) {
        long cpu = 0;
        long memory = 0;
        Map<String, Long> others = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : list.properties()) {
            Quantity quantity = Quantity.parse(entry.getValue().asText("")).orElse(NOTHING);
            switch (entry.getKey()) {
                case "cpu" -> cpu = quantity.millis();
                case "memory" -> memory = quantity.units();
                default -> others.put(entry.getKey(), quantity.units());
            }
        }
        return new Requests(cpu, memory, others);
    }

    Requests plus(Requests other) {
        return new Requests(
                cpuMillis + other.cpuMillis, memoryBytes + other.memoryBytes, merge(others, other.others, Long::sum));
    }

    Requests minus(Requests other) {
        return new Requests(
                cpuMillis - other.cpuMillis,
                memoryBytes - other.memoryBytes,
                merge(others, negative(other.others), Long::sum));
    }

    private Requests max(Requests other) {
        return new Requests(
                Math.max(cpuMillis, other.cpuMillis),
                Math.max(memoryBytes, other.memoryBytes),
                merge(others, other.others, Math::max));
    }

    private static Map<String, Long> merge(Map<String, Long> left, Map<String, Long> right, BinaryOperator<Long> how) {
        if (right.isEmpty()) {
            return left;
        }
        Map<String, Long> merged = new HashMap<>(left);
        right.forEach((key, value) -> merged.merge(key, value, how));
        return merged;
    }

    private static Map<String, Long> negative(Map<String, Long> values) {
        Map<String, Long> negative = new HashMap<>();
        values.forEach((key, value) -> negative.put(key, -value));
        return negative;
    }
}
