package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Typed view of a Device, with its defaults applied.
 *
 * @param nodeName empty while it is not bound to a node
 * @param protocol name of its one protocol block, such as {@code modbusTcp}
 * @param connection that block
 */
public record Device(
        ObjectKey key,
        String uid,
        long generation,
        Map<String, String> labels,
        String model,
        String nodeName,
        Duration interval,
        String protocol,
        ObjectNode connection,
        List<DeviceProperty> properties) {
    /** The protocols that a Device may name. */
    public static final Set<String> PROTOCOLS = Set.of("modbusTcp");

    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(1);

    public Device {
        labels = Map.copyOf(labels);
        properties = List.copyOf(properties);
    }

    /** Reads an object that admission has accepted. */
    public static Device of(JsonNode device) {
        JsonNode spec = device.path("spec");
        String protocol = PROTOCOLS.stream().filter(spec::has).findFirst().orElse("");
        List<DeviceProperty> properties = new ArrayList<>();
        spec.path("properties").forEach(p -> properties.add(DeviceProperty.of(p, protocol)));
        return new Device(
                ObjectKey.of(Kinds.DEVICE, Meta.namespace(device), Meta.name(device)),
                Meta.uid(device),
                Meta.generation(device),
                Meta.labels(device),
                Json.textAt(spec, "model"),
                Json.textAt(spec, "nodeName"),
                Durations.parse(Json.textAt(spec, "interval"), DEFAULT_INTERVAL),
                protocol,
                spec.get(protocol) instanceof ObjectNode block ? block : Json.object(),
                properties);
    }
}
