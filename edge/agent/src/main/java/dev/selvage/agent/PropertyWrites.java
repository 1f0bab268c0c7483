package dev.selvage.agent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.devices.Devices;
import dev.selvage.devices.WriteOutcome;
import dev.selvage.devices.WriteRequest;
import dev.selvage.model.Durations;
import dev.selvage.model.Json;
import dev.selvage.model.WriteAuthority;
import dev.selvage.streams.PropertyWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Writes of streams go to the devices. */
record PropertyWrites(Supplier<Optional<Devices>> devices, Reconciler desired) implements PropertyWriter {
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final Duration SHORTEST = Duration.ofMillis(200);

    @Override
    public String write(
            String namespace,
            String device,
            String property,
            Object value,
            WriteAuthority authority,
            long validUntilMillis) {
        WriteRequest request = new WriteRequest(namespace, device, property, value, authority, validUntilMillis);
        WriteOutcome outcome = devices.get()
                .map(d -> d.write(request))
                .orElse(new WriteOutcome(WriteOutcome.State.FAILED, "the devices are not running"));
        return switch (outcome.state()) {
            case PENDING, CONFIRMED -> "";
            case EXPIRED, FAILED, REFUSED -> outcome.state().label() + ": " + outcome.message();
        };
    }

    /** A third of the time after which the property's fail-safe would apply. */
    @Override
    public Duration refresh(String namespace, String device, String property) {
        Duration third = desired.device(namespace, device)
                .flatMap(d -> failSafe(d, property))
                .map(after -> after.dividedBy(3))
                .orElse(LONGEST);
        return third.compareTo(LONGEST) > 0 ? LONGEST : third.compareTo(SHORTEST) < 0 ? SHORTEST : third;
    }

    private static Optional<Duration> failSafe(JsonNode device, String property) {
        for (JsonNode candidate : Json.at(device, "spec", "properties")) {
            if (Json.textAt(candidate, "name").equals(property)) {
                return Durations.parse(Json.textAt(candidate, "failSafe", "after"));
            }
        }
        return Optional.empty();
    }
}
