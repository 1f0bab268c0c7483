package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Device;
import dev.selvage.model.DeviceModel;
import dev.selvage.model.DeviceReading;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One device at work: its schedule, its polls and its writes. The thread of its connection does all I/O, with no lock held. */
final class DeviceRun {
    private final Context context;
    private final DeviceTwin twin;

    // Of the connection's thread alone:
    private Driver.@Nullable Connection boundTo;
    private @Nullable Access access;

    private final Object delivering = new Object();
    private volatile long due;
    /** Set when the points changed, so that the access must be made anew. */
    private volatile boolean rebind;

    /** @param away how long nobody ran this device */
    DeviceRun(Context context, ObjectNode object, Device device, DeviceModel model, Duration away) {
        this.context = context;
        long now = System.nanoTime();
        twin = new DeviceTwin(context, object, device, model, now - away.toNanos());
        long spread = Math.min(device.interval().toNanos(), TimeUnit.SECONDS.toNanos(1));
        due = now + (long) (Math.random() * spread);
    }

    DeviceTwin twin() {
        return twin;
    }

    /** Takes over another version of the Device or of its model. */
    void update(Device newer, DeviceModel newerModel) {
        boolean paced = newer.interval().equals(twin.device().interval());
        if (twin.update(newer, newerModel)) {
            rebind = true;
        }
        if (!paced) {
            due = System.nanoTime();
        }
    }

    /** When the next poll is due, by System.nanoTime(). */
    long due() {
        return due;
    }

    void bind(Driver.Connection connection) throws IOException {
        if (!connection.equals(boundTo) || access == null || rebind) {
            rebind = false;
            Access opened = connection.access(twin.points());
            opened.subscribe(results -> deliver(results, 0));
            access = opened;
            boundTo = connection;
        }
    }

    /** One poll and its consequences; the next one is due a whole number of intervals after this one was. */
    void poll() throws IOException {
        long interval = twin.device().interval().toNanos();
        long asked = due;
        long missed = Math.max(0, System.nanoTime() - asked) / interval;
        Map<String, Access.Result> results = Objects.requireNonNull(access).read();
        if (due == asked) { // no other interval was set meanwhile
            due = asked + (missed + 1) * interval;
        }
        deliver(results, missed);
    }

    /** Polled or pushed, one at a time. */
    private void deliver(Map<String, Access.Result> results, long missed) {
        synchronized (delivering) {
            DeviceReading reading = twin.reported(results, missed, streamInputs());
            if (!reading.values().isEmpty()) {
                Writes.calling(() -> context.listener().reading(reading));
            }
        }
    }

    /** What running streams read; asked without a lock, for they may hold theirs while they write. */
    private Map<String, Set<String>> streamInputs() {
        String namespace = twin.device().key().namespace();
        Map<String, Set<String>> inputs = new HashMap<>();
        for (String stream : twin.watchedStreams()) {
            context.authorities().inputs(namespace, stream).ifPresent(reads -> inputs.put(stream, reads));
        }
        return inputs;
    }

    /** Carries out what is pending. */
    void executeWrites() throws IOException {
        for (Map.Entry<String, PendingWrite> waiting : twin.waiting().entrySet()) {
            execute(waiting.getKey(), waiting.getValue());
        }
    }

    private void execute(String property, PendingWrite write) throws IOException {
        Access open = Objects.requireNonNull(access);
        try {
            if (write.origin == PendingWrite.Origin.CENTRE
                    && open.read(property) instanceof Access.Result.Value(Object shown)
                    && shown.equals(write.value)) {
                twin.finish(
                        property, write, new WriteOutcome(WriteOutcome.State.CONFIRMED, "the device had it already"));
                return;
            }
            if (twin.lapsed(property)) { // the device took its time to show what it has
                return;
            }
            Object expected = open.write(property, write.value);
            twin.sent(property, write, expected, open.read(property));
        } catch (WriteRefusedException e) {
            twin.finish(property, write, new WriteOutcome(WriteOutcome.State.FAILED, String.valueOf(e.getMessage())));
        }
    }

    /** What time alone brings. */
    void tick() {
        twin.tick();
    }
}
