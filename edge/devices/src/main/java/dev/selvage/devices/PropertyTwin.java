package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceProperty;
import dev.selvage.model.Json;
import dev.selvage.model.ModelProperty;
import dev.selvage.model.Quality;
import dev.selvage.model.Timestamps;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is known and wanted of one property. Guarded by its {@link DeviceTwin}. */
final class PropertyTwin {
    /** The last write that somebody with authority asked for. */
    record Write(Object value, String by, WriteOutcome outcome, long atMillis) {}

    private static final long DISTANT = TimeUnit.DAYS.toNanos(1);

    ModelProperty model;
    DeviceProperty spec;
    private @Nullable Object value;
    private Quality quality = Quality.BAD;
    private String reason = "not read yet";
    private long atMillis;

    @Nullable
    Write write;

    @Nullable
    PendingWrite pending;
    /** When the authority last showed that it is there; by System.nanoTime(). */
    private long spokeNanos;

    private boolean failSafeApplied;
    /** The device was lost after its fail-safe was written: it may have restarted without it. */
    private boolean failSafeInDoubt;

    PropertyTwin(ModelProperty model, DeviceProperty spec, long spokeNanos) {
        this.model = model;
        this.spec = spec;
        this.spokeNanos = spokeNanos;
    }

    String name() {
        return spec.name();
    }

    @Nullable
    Object value() {
        return value;
    }

    Quality quality() {
        return quality;
    }

    /**
     * Takes over what a read brought; an impossible value is shown, as Bad.
     *
     * @return whether the value is another one
     */
    boolean reported(Access.Result result, long nowMillis) {
        Object before = value;
        switch (result) {
            case Access.Result.Value(Object read) -> {
                value = read;
                atMillis = nowMillis;
                boolean possible = model.possible(read);
                quality = possible ? Quality.GOOD : Quality.BAD;
                reason = possible ? "" : "found " + read + ", physically possible is " + model.range();
            }
            case Access.Result.Failed(String why) -> {
                quality = Quality.BAD;
                reason = why;
            }
        }
        return !Objects.equals(before, value);
    }

    /** The last value stays, with a lesser quality. */
    void stale(Quality lesser, String why) {
        if (quality == Quality.GOOD || (quality == Quality.UNCERTAIN && lesser == Quality.BAD)) {
            quality = lesser;
            reason = why;
        }
    }

    void lost(String why) {
        stale(Quality.BAD, why);
        failSafeInDoubt = failSafeApplied;
    }

    /** The authority showed that it is there. */
    void spoke() {
        spokeNanos = System.nanoTime();
        failSafeApplied = false;
        failSafeInDoubt = false;
    }

    /** A device that came back shows something else than its fail-safe, and its authority is still silent: it is due once more. */
    void askFailSafeAgain() {
        if (failSafeInDoubt && quality == Quality.GOOD) {
            failSafeInDoubt = false;
            Object wanted = spec.failSafe()
                    .flatMap(rule -> model.type().value(rule.value()))
                    .orElse(null);
            failSafeApplied = Objects.equals(wanted, value);
        }
    }

    void failSafeApplied() {
        failSafeApplied = true;
    }

    /** When the fail-safe is due, by System.nanoTime(); a distant time when there is none or it was written already. */
    long failSafeAt() {
        return failSafeApplied || spec.failSafe().isEmpty()
                ? System.nanoTime() + DISTANT
                : spokeNanos + spec.failSafe().get().after().toNanos();
    }

    /** When time alone changes the pending write, by System.nanoTime(). */
    long writeTick(long now, long nowMillis) {
        if (pending == null) {
            return now + DISTANT;
        }
        return pending.sent()
                ? pending.confirmBy
                : now + Math.clamp(pending.validUntilMillis - nowMillis + 1, 1, 10_000) * 1_000_000L;
    }

    /**
     * Whether the property has the value and was told so before. A stream says the same at each reading; the bus need not
     * hear it each time.
     */
    boolean keeps(Object wanted) {
        return quality == Quality.GOOD
                && wanted.equals(value)
                && pending == null
                && write != null
                && write.outcome.state() == WriteOutcome.State.CONFIRMED
                && wanted.equals(write.value)
                && !write.by.equals(Writes.FAIL_SAFE);
    }

    /** As an entry of {@code status.properties}, and of the twin. */
    ObjectNode describe(ObjectNode node) {
        if (value != null) {
            node.set("value", Json.scalar(value));
        }
        node.put("quality", quality.label());
        if (!reason.isEmpty()) {
            node.put("reason", reason);
        }
        if (atMillis > 0) {
            node.put("at", Timestamps.millis(atMillis));
        }
        if (pending != null && (write == null || pending.origin == PendingWrite.Origin.CENTRE)) {
            describe(node, new Write(pending.value, pending.by, WriteOutcome.of(WriteOutcome.State.PENDING), 0));
        } else if (write != null) {
            describe(node, write);
        }
        return node;
    }

    private static void describe(ObjectNode node, Write write) {
        ObjectNode last = node.putObject("write");
        last.set("value", Json.scalar(write.value));
        last.put("by", write.by);
        last.put("state", write.outcome.state().label());
        if (!write.outcome.message().isEmpty()) {
            last.put("message", write.outcome.message());
        }
        if (write.atMillis > 0) {
            last.put("at", Timestamps.millis(write.atMillis));
        }
    }

    /**
     * Changes when the property's part of the status is worth a revision: its quality, who wrote it and whether that
     * worked, and for the centre's writes also which write it was. That a control loop writes now this and now that is not.
     */
    int signature() {
        int hash = 31 * name().hashCode() + quality.hashCode();
        if (pending != null && pending.origin == PendingWrite.Origin.CENTRE) {
            return 31 * hash + pending.identity.hashCode();
        }
        if (write != null) {
            hash = 31 * (31 * hash + write.by.hashCode())
                    + write.outcome.state().hashCode();
            hash = write.by.equals("centre") ? 31 * hash + Long.hashCode(write.atMillis) : hash;
        }
        return hash;
    }
}
