package dev.selvage.devices;

import dev.selvage.model.Device;
import dev.selvage.model.DeviceProperty;
import dev.selvage.model.Timestamps;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The rules by which a write is taken up or refused. */
final class Writes {
    /** Who wrote, where nobody did. */
    static final String FAIL_SAFE = "fail-safe";

    private static final System.Logger LOG = System.getLogger(Writes.class.getName());

    /** What is known at once, and what will be known. */
    record Submitted(WriteOutcome now, CompletableFuture<WriteOutcome> later) {
        static Submitted done(WriteOutcome outcome) {
            return new Submitted(outcome, CompletableFuture.completedFuture(outcome));
        }
    }

    private Writes() {}

    /** Why a write is not taken up; empty when it is. */
    static Optional<WriteOutcome> check(
            WriteRequest request, Device device, @Nullable PropertyTwin twin, long nowMillis) {
        if (twin == null) {
            return refused("property: found " + request.property() + ", accepted "
                    + String.join(
                            ", ",
                            device.properties().stream()
                                    .map(DeviceProperty::name)
                                    .toList()));
        }
        if (!twin.model.writable()) {
            return refused("property " + request.property() + " is read-only in the DeviceModel " + device.model());
        }
        if (!twin.spec.authority().equals(request.authority())) {
            return refused("found a write by " + request.authority() + ", accepted from " + twin.spec.authority()
                    + " only, the authority of " + request.property());
        }
        Optional<Object> value = twin.model.type().value(request.value());
        if (value.isEmpty()) {
            return refused("value: found " + request.value() + ", accepted a "
                    + twin.model.type().label());
        }
        if (!twin.model.possible(value.get())) {
            return refused("value: found " + request.value() + ", accepted " + twin.model.range());
        }
        if (nowMillis > request.validUntilMillis()) {
            return Optional.of(new WriteOutcome(
                    WriteOutcome.State.EXPIRED,
                    "validUntil was " + Timestamps.millis(request.validUntilMillis()) + ", now is "
                            + Timestamps.millis(nowMillis)));
        }
        return Optional.empty();
    }

    private static Optional<WriteOutcome> refused(String why) {
        return Optional.of(WriteOutcome.refused(why));
    }

    static long validUntil(DeviceProperty.Desired wish) {
        return Timestamps.parse(wish.validUntil()).orElse(Instant.EPOCH).toEpochMilli();
    }

    /** Calls a listener; what it throws must not stop a device. */
    static void calling(Runnable listener) {
        try {
            listener.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a listener of devices failed", e);
        }
    }
}
