package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Device;
import dev.selvage.model.DeviceModel;
import dev.selvage.model.DeviceProperty;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.ModelProperty;
import dev.selvage.model.Quality;
import dev.selvage.model.WriteAuthority;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What is known and wanted of one device: reported values, pending and past writes, fail-safes. Does no I/O with the
 * device; guarded by itself, and calls no listener while it is.
 */
final class DeviceTwin {
    private static final long LEAST_CONFIRM = TimeUnit.SECONDS.toNanos(2);

    private final Context context;
    private final DeviceStatus status;
    private final Map<String, PropertyTwin> properties = new LinkedHashMap<>();
    private Device device;
    private DeviceModel model;
    private long polls;
    private long failures;
    private long late;

    /** @param spokeNanos when authorities are taken to have spoken last, by System.nanoTime() */
    DeviceTwin(Context context, ObjectNode object, Device device, DeviceModel model, long spokeNanos) {
        this.context = context;
        this.device = device;
        this.model = model;
        status = new DeviceStatus(context, object);
        take(spokeNanos);
    }

    synchronized Device device() {
        return device;
    }

    private long interval() {
        return device.interval().toNanos();
    }

    /**
     * Takes over another version of the Device or of its model; states of properties that stay are kept.
     *
     * @return whether the points may be others now
     */
    synchronized boolean update(Device newer, DeviceModel newerModel) {
        boolean same = newerModel.equals(model) && newer.properties().equals(device.properties());
        device = newer;
        model = newerModel;
        if (!same) {
            take(System.nanoTime());
        }
        return !same;
    }

    private void take(long spokeNanos) {
        Map<String, PropertyTwin> before = new LinkedHashMap<>(properties);
        properties.clear();
        for (DeviceProperty property : device.properties()) {
            ModelProperty declared = model.properties().get(property.name());
            if (declared == null) {
                continue; // a model that changed later; admission refuses it for new devices
            }
            PropertyTwin twin = before.remove(property.name());
            if (twin == null) {
                twin = new PropertyTwin(declared, property, spokeNanos);
            } else if (!twin.spec.authority().equals(property.authority())) {
                twin.spoke();
            }
            withdraw(twin, property);
            twin.model = declared;
            twin.spec = property;
            properties.put(property.name(), twin);
            desired(twin);
        }
        before.values().forEach(gone -> drop(gone, "the property is no longer part of the device"));
    }

    /** A wish of the centre that changed or went before it was carried out is no wish any more. */
    private void withdraw(PropertyTwin twin, DeviceProperty newer) {
        boolean centre = twin.pending != null && twin.pending.origin == PendingWrite.Origin.CENTRE;
        boolean stays = newer.authority().equals(WriteAuthority.CENTRE)
                && newer.desired().equals(twin.spec.desired());
        if (centre && !stays) {
            drop(twin, "withdrawn by the centre");
        }
    }

    /** Takes up what the centre wants, unless this very wish was carried out before. */
    private void desired(PropertyTwin twin) {
        if (!twin.spec.authority().equals(WriteAuthority.CENTRE) || !twin.model.writable()) {
            return;
        }
        DeviceProperty.Desired wish = twin.spec.desired().orElse(null);
        Object value =
                wish == null ? null : twin.model.type().value(wish.value()).orElse(null);
        if (wish == null || value == null) {
            return;
        }
        Optional<WriteMemory.Entry> known = context.memory().find(device.uid(), twin.name());
        if (known.isPresent()
                && known.get().validUntil().equals(wish.validUntil())
                && known.get().value().equals(wish.value())) {
            if (twin.write == null) {
                twin.write = new PropertyTwin.Write(
                        value, "centre", known.get().outcome(), known.get().atMillis());
            }
            return;
        }
        if (twin.pending != null && twin.pending.identity.equals(wish.toString())) {
            return;
        }
        submit(
                twin,
                new PendingWrite(
                        PendingWrite.Origin.CENTRE, "centre", value, wish.toString(), Writes.validUntil(wish)));
    }

    /** Takes a write up, replacing one of the same property that was not carried out yet. */
    private void submit(PropertyTwin twin, PendingWrite write) {
        PendingWrite older = twin.pending;
        twin.pending = write;
        if (older != null) {
            older.done.complete(new WriteOutcome(WriteOutcome.State.EXPIRED, "replaced by a newer write"));
        }
    }

    private void drop(PropertyTwin twin, String why) {
        if (twin.pending != null) {
            twin.pending.done.complete(WriteOutcome.refused(why));
            twin.pending = null;
        }
    }

    /** Takes up a write of the site or of a stream; the result says at once why not, or is still pending. */
    synchronized Writes.Submitted write(WriteRequest request) {
        PropertyTwin twin = properties.get(request.property());
        Optional<WriteOutcome> refusal = Writes.check(request, device, twin, context.nowMillis());
        if (refusal.isPresent() || twin == null) {
            return Writes.Submitted.done(refusal.orElseThrow());
        }
        Object value = twin.model.type().value(request.value()).orElseThrow();
        boolean stream = request.authority().kind() == WriteAuthority.Kind.STREAM;
        if (twin.pending != null && twin.pending.origin != PendingWrite.Origin.FAIL_SAFE) {
            if (twin.pending.value.equals(value)) {
                return new Writes.Submitted(WriteOutcome.of(WriteOutcome.State.PENDING), twin.pending.done);
            }
        } else if (stream && twin.keeps(value)) {
            twin.spoke();
            return Writes.Submitted.done(WriteOutcome.of(WriteOutcome.State.CONFIRMED));
        }
        PendingWrite write = new PendingWrite(
                stream ? PendingWrite.Origin.STREAM : PendingWrite.Origin.SITE,
                request.authority().toString(),
                value,
                "",
                request.validUntilMillis());
        submit(twin, write);
        return new Writes.Submitted(WriteOutcome.of(WriteOutcome.State.PENDING), write.done);
    }

    synchronized List<Point> points() {
        List<Point> points = new ArrayList<>();
        for (PropertyTwin twin : properties.values()) {
            points.add(new Point(twin.name(), twin.model.type(), twin.spec.address()));
        }
        return points;
    }

    /** Streams whose silence would bring a fail-safe. */
    synchronized Set<String> watchedStreams() {
        Set<String> streams = new HashSet<>();
        for (PropertyTwin twin : properties.values()) {
            WriteAuthority authority = twin.spec.authority();
            if (twin.spec.failSafe().isPresent() && authority.kind() == WriteAuthority.Kind.STREAM) {
                streams.add(authority.stream());
            }
        }
        return streams;
    }

    /**
     * Takes over what a poll brought.
     *
     * @param missed polls that this one came too late for
     * @param inputs by running stream, the properties it reads
     */
    synchronized DeviceReading reported(
            Map<String, Access.Result> results, long missed, Map<String, Set<String>> inputs) {
        long at = context.nowMillis();
        polls++;
        late += missed;
        Map<String, Object> good = new LinkedHashMap<>();
        for (PropertyTwin twin : properties.values()) {
            Access.Result result = results.get(twin.name());
            if (result != null && twin.reported(result, at)) {
                status.valuesChanged();
            }
            twin.askFailSafeAgain();
            confirm(twin);
            Object value = twin.value();
            if (twin.quality() == Quality.GOOD && value != null) {
                good.put(twin.name(), value);
            }
        }
        properties.values().forEach(twin -> streamSpoke(twin, inputs));
        status.connected();
        Quality whole = good.isEmpty() ? Quality.BAD : Quality.UNCERTAIN;
        return new DeviceReading(
                device.key().namespace(),
                device.key().name(),
                device.model(),
                device.labels(),
                at,
                good,
                good.size() == properties.size() ? Quality.GOOD : whole);
    }

    /** A stream is there while it runs and what it reads is good; it need not write, as inside a dead band. */
    private void streamSpoke(PropertyTwin twin, Map<String, Set<String>> inputs) {
        Set<String> reads = inputs.get(twin.spec.authority().stream());
        if (reads != null
                && twin.spec.authority().kind() == WriteAuthority.Kind.STREAM
                && properties.values().stream()
                        .filter(p -> reads.isEmpty() || reads.contains(p.name()))
                        .allMatch(p -> p.quality() == Quality.GOOD)) {
            twin.spoke();
        }
    }

    /** What waits to be carried out. */
    synchronized Map<String, PendingWrite> waiting() {
        Map<String, PendingWrite> waiting = new LinkedHashMap<>();
        for (PropertyTwin twin : properties.values()) {
            if (twin.pending != null && !expire(twin) && !twin.pending.sent()) {
                waiting.put(twin.name(), twin.pending);
            }
        }
        return waiting;
    }

    /** Whether the property's write may not be carried out any more; it is told so. */
    synchronized boolean lapsed(String property) {
        PropertyTwin twin = properties.get(property);
        return twin != null && expire(twin);
    }

    /** The device took a write; until it shows the expected value, the write is pending. */
    synchronized void sent(String property, PendingWrite write, Object expected, Access.Result shown) {
        write.expected = expected;
        write.confirmBy = System.nanoTime() + Math.max(LEAST_CONFIRM, 3 * interval());
        PropertyTwin twin = properties.get(property);
        if (twin != null) {
            twin.reported(shown, context.nowMillis());
            confirm(twin);
        }
    }

    synchronized void finish(String property, PendingWrite write, WriteOutcome outcome) {
        PropertyTwin twin = properties.get(property);
        if (twin == null) {
            write.done.complete(outcome);
        } else {
            finish(twin, write, outcome);
        }
    }

    private void confirm(PropertyTwin twin) {
        PendingWrite write = twin.pending;
        if (write == null || write.expected == null) {
            return;
        }
        if (write.expected.equals(twin.value()) && twin.quality() != Quality.UNCERTAIN) {
            finish(twin, write, WriteOutcome.of(WriteOutcome.State.CONFIRMED));
        } else if (System.nanoTime() - write.confirmBy > 0) {
            String shown = twin.value() == null ? "nothing" : String.valueOf(twin.value());
            finish(twin, write, new WriteOutcome(WriteOutcome.State.FAILED, "the device shows " + shown));
        }
    }

    private boolean expire(PropertyTwin twin) {
        PendingWrite write = twin.pending;
        if (write == null || write.sent() || !write.expired(context.nowMillis())) {
            return false;
        }
        finish(
                twin,
                write,
                new WriteOutcome(WriteOutcome.State.EXPIRED, "validUntil passed before it could be carried out"));
        return true;
    }

    private void finish(PropertyTwin twin, PendingWrite write, WriteOutcome outcome) {
        if (twin.pending == write) {
            twin.pending = null;
            boolean failedBefore = twin.write != null && twin.write.outcome().state() == outcome.state();
            twin.write = new PropertyTwin.Write(write.value, write.by, outcome, context.nowMillis());
            if (outcome.state() == WriteOutcome.State.FAILED && !failedBefore) {
                status.event("Warning", "WriteFailed", twin.name() + " by " + write.by + ": " + outcome.message());
            }
            if (write.origin == PendingWrite.Origin.CENTRE) {
                twin.spec
                        .desired()
                        .ifPresent(wish -> context.memory()
                                .remember(
                                        device.uid(),
                                        twin.name(),
                                        new WriteMemory.Entry(
                                                wish.value(), wish.validUntil(), outcome, context.nowMillis())));
            }
            if (write.origin != PendingWrite.Origin.FAIL_SAFE) {
                twin.spoke();
            } else if (outcome.state() != WriteOutcome.State.CONFIRMED) {
                twin.spoke(); // the period starts anew, and with it another attempt
            }
        }
        write.done.complete(outcome);
    }

    synchronized boolean observed() {
        return status.known();
    }

    /** The first failure: what is known is doubted, while another attempt is made at once. */
    synchronized void doubt(String why) {
        failures++;
        status.doubt();
        properties.values().forEach(twin -> twin.stale(Quality.UNCERTAIN, why));
    }

    synchronized void lost(String reason, String why) {
        failures++;
        properties.values().forEach(twin -> twin.lost(why));
        status.lost(reason, why);
    }

    /** What time alone brings: expiry, fail-safe, the status. */
    void tick() {
        synchronized (this) {
            for (PropertyTwin twin : properties.values()) {
                expire(twin);
                confirm(twin);
                failSafe(twin);
            }
            status.collect(device, properties.values());
        }
        status.publish();
    }

    private void failSafe(PropertyTwin twin) {
        DeviceProperty.FailSafe rule = twin.spec.failSafe().orElse(null);
        if (rule == null || System.nanoTime() - twin.failSafeAt() < 0) {
            return;
        }
        twin.model.type().value(rule.value()).ifPresent(value -> {
            twin.failSafeApplied();
            status.event(
                    "Warning",
                    "FailSafeApplied",
                    twin.name() + " is set to " + value + ": " + twin.spec.authority() + " was silent for "
                            + rule.after().toMillis() + " ms");
            submit(twin, new PendingWrite(PendingWrite.Origin.FAIL_SAFE, Writes.FAIL_SAFE, value, "", Long.MAX_VALUE));
        });
    }

    /** When {@link #tick} has something to do, by System.nanoTime(), at the latest. */
    synchronized long nextTick(long now) {
        long next = now + TimeUnit.SECONDS.toNanos(10);
        for (PropertyTwin twin : properties.values()) {
            next = Math.min(next, Math.min(twin.failSafeAt(), twin.writeTick(now, context.nowMillis())));
        }
        return Math.min(next, status.nextPublish(now));
    }

    synchronized boolean hasPendingWrite() {
        return properties.values().stream().anyMatch(twin -> twin.pending != null && !twin.pending.sent());
    }

    /** Ends what waits for this device. */
    synchronized void close() {
        properties.values().forEach(twin -> drop(twin, "the device was removed from the node"));
    }

    synchronized ObjectNode json() {
        ObjectNode twin = status.twin(device, properties.values());
        return twin.put("polls", polls).put("failures", failures).put("latePolls", late);
    }
}
