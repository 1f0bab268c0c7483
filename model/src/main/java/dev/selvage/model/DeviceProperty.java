package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;

/**
 * One property of a Device: where it is, who may write it, and what holds when that one is silent.
 *
 * @param address the protocol's block, such as {@code {table: coil, address: 0}}
 */
public record DeviceProperty(
        String name,
        ObjectNode address,
        WriteAuthority authority,
        Optional<FailSafe> failSafe,
        Optional<Desired> desired) {

    /**
     * Written once when the authority has been silent for {@code after}.
     *
     * @param value JSON scalar
     */
    public record FailSafe(JsonNode value, Duration after) {}

    /**
     * What the centre wants; its identity is both fields together, and each identity is executed once.
     *
     * @param value JSON scalar
     * @param validUntil RFC 3339; the node does not execute it later
     */
    public record Desired(JsonNode value, String validUntil) {}

    static DeviceProperty of(JsonNode property, String protocol) {
        return new DeviceProperty(
                Json.textAt(property, "name"),
                property.get(protocol) instanceof ObjectNode address ? address : Json.object(),
                WriteAuthority.parse(property.path("authority").asText("centre"))
                        .orElse(WriteAuthority.CENTRE),
                failSafe(property.path("failSafe")),
                desired(property.path("desired")));
    }

    private static Optional<FailSafe> failSafe(JsonNode node) {
        return Durations.parse(Json.textAt(node, "after")).map(after -> new FailSafe(node.path("value"), after));
    }

    private static Optional<Desired> desired(JsonNode node) {
        return node.isObject()
                ? Optional.of(new Desired(node.path("value"), Json.textAt(node, "validUntil")))
                : Optional.empty();
    }
}
