package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Device;
import dev.selvage.model.DeviceModel;
import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The devices of this node: polls them, keeps their twins, executes writes. One virtual thread for each connection; a
 * device that does not answer holds up only those that share its connection.
 */
public final class Devices implements AutoCloseable {
    /** A device, the connection it is behind, and what both were made from. */
    private record Placed(DeviceRun run, @Nullable String endpoint, ObjectNode connectBy) {}

    private final Context context;
    private final Map<String, Driver> drivers;
    private final Downtime downtime;
    private final Thread heartbeat;
    private final Map<String, ConnectionLoop> loops = new ConcurrentHashMap<>();
    private volatile Map<ObjectKey, Placed> placed = Map.of();
    private volatile boolean everDesired;
    private volatile boolean closed;
    /** How long nobody ran the devices that are placed next; after the first set, nothing was missed. */
    private Duration away;

    private Devices(Context context, List<Driver> drivers, Downtime downtime) {
        this.context = context;
        this.drivers = drivers.stream().collect(Collectors.toMap(Driver::protocol, Function.identity()));
        this.downtime = downtime;
        away = downtime.before();
        heartbeat = Thread.ofVirtual().name("devices heartbeat").unstarted(this::beat);
    }

    /**
     * @param authorities asked when a fail-safe is judged
     * @param listener hears readings and statuses
     * @throws IOException when the directory cannot be used
     */
    public static Devices open(
            DevicesConfig config, List<Driver> drivers, Authorities authorities, DeviceListener listener)
            throws IOException {
        WriteMemory memory = WriteMemory.open(config.directory(), listener::damaged);
        Downtime downtime = Downtime.open(config.directory(), config.clock().millis());
        Devices devices = new Devices(new Context(config, authorities, listener, memory), drivers, downtime);
        devices.heartbeat.start();
        return devices;
    }

    /**
     * The whole set of Devices that this node shall run, with the DeviceModels by name; idempotent. A device that stays
     * keeps its twin, and its connection unless its protocol block changed.
     */
    public synchronized void desired(Collection<ObjectNode> devices, Map<String, ObjectNode> models) {
        if (closed) {
            return;
        }
        Map<ObjectKey, Placed> next = new LinkedHashMap<>();
        for (ObjectNode object : devices) {
            Placed now = place(object, models);
            next.put(now.run.twin().device().key(), now);
        }
        placed.forEach((key, before) -> {
            Placed now = next.get(key);
            if (now == null || now.run != before.run) {
                before.run.twin().close();
            }
        });
        placed = next;
        away = Duration.ZERO;
        everDesired = true;
        connect(next.values());
        Set<String> uids = new HashSet<>();
        next.values().forEach(p -> uids.add(p.run.twin().device().uid()));
        context.memory().prune(uids, context.nowMillis());
    }

    private Placed place(ObjectNode object, Map<String, ObjectNode> models) {
        Device device = Device.of(object);
        ObjectNode model = models.get(device.model());
        DeviceModel declared = model == null ? new DeviceModel(device.model(), Map.of()) : DeviceModel.of(model);
        Driver driver = drivers.get(device.protocol());
        String endpoint =
                driver == null || model == null ? null : driver.protocol() + " " + driver.endpoint(device.connection());
        Placed before = placed.get(device.key());
        boolean same = before != null
                && before.run.twin().device().uid().equals(device.uid())
                && java.util.Objects.equals(before.endpoint, endpoint);
        DeviceRun run;
        if (same && before != null) {
            run = before.run;
            run.update(device, declared);
        } else {
            run = new DeviceRun(context, object, device, declared, away);
        }
        if (endpoint == null) {
            String reason = model == null ? "ModelMissing" : "DriverMissing";
            run.twin()
                    .lost(
                            reason,
                            model == null
                                    ? "the DeviceModel " + device.model() + " does not exist"
                                    : "this node has no driver for the protocol block; it has " + drivers.keySet());
            run.tick();
        }
        return new Placed(run, endpoint, device.connection());
    }

    /** Whether each device has been read, or found lost, since it was placed: nothing is missed any more that is not told of. */
    public boolean observing() {
        return everDesired
                && placed.values().stream().allMatch(p -> p.run.twin().observed());
    }

    private void connect(Collection<Placed> all) {
        Map<String, List<Placed>> byEndpoint = new LinkedHashMap<>();
        for (Placed one : all) {
            if (one.endpoint != null) {
                byEndpoint.computeIfAbsent(one.endpoint, e -> new ArrayList<>()).add(one);
            }
        }
        for (String gone : Set.copyOf(loops.keySet())) {
            if (!byEndpoint.containsKey(gone)) {
                ConnectionLoop loop = loops.remove(gone);
                if (loop != null) {
                    loop.close();
                }
            }
        }
        byEndpoint.forEach((endpoint, behind) -> {
            List<DeviceRun> runs = behind.stream().map(Placed::run).toList();
            ObjectNode block = behind.getFirst().connectBy;
            ConnectionLoop loop = loops.get(endpoint);
            if (loop == null) {
                Driver driver =
                        drivers.get(behind.getFirst().run.twin().device().protocol());
                loop = new ConnectionLoop(endpoint, java.util.Objects.requireNonNull(driver), block, context.config());
                loops.put(endpoint, loop);
                loop.start();
            }
            loop.serve(runs, block);
        });
    }

    /** Takes a write up, or says at once why not; never blocks. What becomes of it is in the twin and in the status. */
    public WriteOutcome write(WriteRequest request) {
        return submit(request).now();
    }

    /** Writes and waits for the outcome, at most for {@code patience}; then it is still pending. */
    public WriteOutcome writeAndWait(WriteRequest request, Duration patience) throws InterruptedException {
        Writes.Submitted submitted = submit(request);
        try {
            return submitted.later().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return submitted.now();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a write ended without an outcome", e);
        }
    }

    private Writes.Submitted submit(WriteRequest request) {
        Placed place = find(request.namespace(), request.device());
        if (place == null) {
            return Writes.Submitted.done(WriteOutcome.refused(
                    "no device " + request.namespace() + "/" + request.device() + " on this node"));
        }
        Writes.Submitted submitted = place.run.twin().write(request);
        if (submitted.now().state() == WriteOutcome.State.PENDING && place.endpoint != null) {
            wake(place.endpoint);
        }
        return submitted;
    }

    private void wake(String endpoint) {
        ConnectionLoop loop = loops.get(endpoint);
        if (loop != null) {
            loop.wake();
        }
    }

    private @Nullable Placed find(String namespace, String device) {
        return placed.get(ObjectKey.of(dev.selvage.model.Kinds.DEVICE, namespace, device));
    }

    /** The twin of every device, as {@link #twin}. */
    public List<ObjectNode> snapshot() {
        return placed.values().stream().map(p -> p.run.twin().json()).toList();
    }

    /**
     * The twin of a device: {@code {namespace, name, model, connected, reason, message, since, properties: {NAME: {unit,
     * value, quality, reason, at, authority, desired, write: {value, by, state, message, at}}}, polls, failures, latePolls}}.
     */
    public Optional<ObjectNode> twin(String namespace, String device) {
        return Optional.ofNullable(find(namespace, device))
                .map(p -> p.run.twin().json());
    }

    private void beat() {
        try {
            while (!closed) {
                downtime.touch(context.nowMillis());
                Thread.sleep(1000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops polling; devices keep what they have. Pending writes of the centre are taken up again by the next start. */
    @Override
    public void close() {
        List<ConnectionLoop> running;
        synchronized (this) {
            closed = true;
            running = List.copyOf(loops.values());
            loops.clear();
        }
        heartbeat.interrupt();
        running.forEach(ConnectionLoop::stop);
        running.forEach(ConnectionLoop::close);
        downtime.touch(context.nowMillis());
    }
}
