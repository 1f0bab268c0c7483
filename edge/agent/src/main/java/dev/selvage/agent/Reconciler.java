package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.devices.Devices;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.Held;
import dev.selvage.session.SliceChange;
import dev.selvage.streams.Streams;
import dev.selvage.workloads.BoundCronJobs;
import dev.selvage.workloads.Pods;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings pods, devices and streams to what the slice on disk says. Requests coalesce: however many changes came while it worked, it runs once more. Without an
 * incarnation or a revision the slice was never complete (a new node): then nothing is touched. While a damaged slice is not whole again, a part that has begun stays
 * as it is, and one that begins takes what is there for what shall run and concludes nothing from what is missing.
 */
final class Reconciler {
    private final SqliteSlice slice;
    private final Statuses statuses;
    private final BoundCronJobs cronJobs;
    private final Semaphore requests = new Semaphore(0);
    private final AtomicBoolean configsChanged = new AtomicBoolean();
    /** What was brought to the desired state at least once; of the reconciler's own thread. */
    private final Set<Kind> begun = new HashSet<>();

    private volatile Map<ObjectKey, ObjectNode> deviceSpecs = Map.of();
    private volatile @Nullable Streams streams;
    private volatile @Nullable Devices devices;
    private volatile @Nullable Pods pods;

    Reconciler(SqliteSlice slice, Statuses statuses, Function<Runnable, BoundCronJobs> cronJobs) {
        this.slice = slice;
        this.statuses = statuses;
        this.cronJobs = cronJobs.apply(this::request);
    }

    void streams(Streams opened) {
        streams = opened;
        request();
    }

    void devices(Devices opened) {
        devices = opened;
        request();
    }

    void pods(Pods opened) {
        pods = opened;
        request();
    }

    void changed(SliceChange change) {
        boolean configs = Stream.concat(
                        change.puts().stream().map(SliceChange.Put::key),
                        change.deletes().stream().map(SliceChange.Delete::key))
                .map(ObjectKey::resource)
                .anyMatch(r -> r.equals(Kinds.CONFIG_MAP.id()) || r.equals(Kinds.SECRET.id()));
        if (configs) {
            configsChanged.set(true);
        }
        request();
    }

    void request() {
        requests.release();
    }

    BoundCronJobs cronJobs() {
        return cronJobs;
    }

    /** The Device as desired; empty when it does not belong here. */
    Optional<ObjectNode> device(String namespace, String name) {
        return Optional.ofNullable(deviceSpecs.get(ObjectKey.of(Kinds.DEVICE, namespace, name)));
    }

    void awaitAndRun() throws InterruptedException {
        requests.acquire();
        requests.drainPermits();
        try {
            run();
        } catch (RuntimeException | Error e) {
            // Again after the watchdog's back-off.
            requests.release();
            throw e;
        }
    }

    /** A part that fails does not keep the others from their desired state. */
    private void run() {
        boolean whole = slice.whole();
        if (whole && (slice.incarnation().isEmpty() || slice.revision() == 0)) {
            return;
        }
        RuntimeException[] failure = new RuntimeException[1];
        guard(failure, () -> runStreams(whole));
        guard(failure, () -> runDevices(whole));
        guard(failure, () -> runPods(whole));
        if (whole) {
            statuses.retain(held());
        }
        if (failure[0] != null) {
            throw failure[0];
        }
    }

    private static void guard(@Nullable RuntimeException[] failure, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failure[0] = e;
        }
    }

    /** Before the devices: these ask which streams run when they judge a fail-safe. */
    private void runStreams(boolean whole) {
        Streams present = streams;
        if (present != null && (whole || !begun.contains(Kinds.STREAM))) {
            present.desired(slice.objects(Kinds.STREAM));
            begun.add(Kinds.STREAM);
        }
    }

    private void runDevices(boolean whole) {
        Devices present = devices;
        if (!whole && begun.contains(Kinds.DEVICE)) {
            return;
        }
        List<ObjectNode> objects = slice.objects(Kinds.DEVICE);
        Map<ObjectKey, ObjectNode> specs = new HashMap<>();
        objects.forEach(o -> specs.put(ObjectKey.of(Kinds.DEVICE, Meta.namespace(o), Meta.name(o)), o));
        deviceSpecs = specs;
        if (present != null) {
            present.desired(objects, byName(Kinds.DEVICE_MODEL));
            begun.add(Kinds.DEVICE);
        }
    }

    private Map<String, ObjectNode> byName(Kind kind) {
        Map<String, ObjectNode> named = new HashMap<>();
        slice.objects(kind).forEach(o -> named.put(Meta.name(o), o));
        return named;
    }

    private void runPods(boolean whole) {
        Pods present = pods;
        if (present != null) {
            present.desired(
                    cronJobs.desired(
                            slice.objects(Kinds.CRON_JOB), slice.objects(Kinds.JOB), slice.objects(Kinds.POD), whole),
                    whole);
            if (configsChanged.getAndSet(false)) {
                present.configsChanged();
            }
        }
    }

    private Set<ObjectKey> held() {
        Set<ObjectKey> keys = new HashSet<>();
        slice.held().stream().map(Held::key).forEach(keys::add);
        return keys;
    }
}
