package dev.selvage.streams;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.model.plan.PlanReading;
import dev.selvage.model.plan.Sink;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The streams of this node. Thread-safe; {@link #accept} and {@link #inputs} never wait for a disk or a device.
 *
 * <p>Event time is the time of the reading. A window is emitted once, when a reading or the clock is past its end by the
 * lateness; rows are durable in the lanes before they leave the checkpoint.
 */
public final class Streams implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Streams.class.getName());

    private final StreamsConfig config;
    private final SampleSink samples;
    private final PropertyWriter properties;
    private final States states;
    private final PlanFile planFile;
    private final Checkpoint checkpoint;
    private final History history;
    private final Gap gap;
    /** Orders {@link #desired}, {@link #tick} and {@link #close}; never held by {@link #accept}. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<ObjectKey, StreamRun> runs = new LinkedHashMap<>();
    /** Runs that ended but have rows which are not durable yet. */
    private final List<StreamRun> leaving = new ArrayList<>();

    private volatile Routes routes = new Routes(List.of());
    private boolean plansWritten = true;
    private boolean diskFails;

    private Streams(StreamsConfig config, SampleSink samples, PropertyWriter properties, StreamListener listener)
            throws IOException {
        this.config = config;
        this.samples = samples;
        this.properties = properties;
        states = new States(listener);
        planFile = new PlanFile(config.directory(), listener::damaged);
        checkpoint = new Checkpoint(config.directory(), listener::damaged);
        history = new History(config);
        gap = Gap.open(config);
    }

    /**
     * Restores the windows that were open when the agent stopped; those that ended since are emitted, partial, by the first
     * tick.
     */
    public static Streams open(
            StreamsConfig config, SampleSink samples, PropertyWriter properties, StreamListener listener)
            throws IOException {
        Files.createDirectories(config.directory());
        Streams streams = new Streams(config, samples, properties, listener);
        streams.restore();
        return streams;
    }

    /** The bounds. */
    public StreamsConfig config() {
        return config;
    }

    private void restore() throws IOException {
        samples.recent(history::seen);
        Map<StreamRun.Identity, CheckpointCodec.Saved> saved = new HashMap<>();
        checkpoint.read().forEach(s -> saved.put(s.identity(), s));
        for (PlanFile.Kept kept : planFile.read()) {
            end(kept.identity().key()); // an earlier plan: the later one must know what it emits
            StreamRun run = run(kept.identity(), kept.plan());
            CheckpointCodec.@Nullable Saved before = saved.get(kept.identity());
            if (before != null && kept.plan().window() != null) {
                run.restore(before.without(kept.plan().window().sizeMillis(), history::emitted));
            }
            runs.put(kept.identity().key(), run);
        }
        history.forgetNames();
        routes = new Routes(runs.values());
    }

    /** The whole set of Streams that this node shall run, each with {@code status.plan}; idempotent. */
    public void desired(Collection<ObjectNode> streams) {
        lock.lock();
        try {
            Map<ObjectKey, ObjectNode> wanted = new LinkedHashMap<>();
            streams.forEach(s -> wanted.put(ObjectKey.of(Kinds.STREAM, Meta.namespace(s), Meta.name(s)), s));
            boolean changed = false;
            for (ObjectKey gone :
                    runs.keySet().stream().filter(k -> !wanted.containsKey(k)).toList()) {
                end(gone);
                changed = true;
            }
            states.keep(wanted.keySet());
            for (Map.Entry<ObjectKey, ObjectNode> entry : wanted.entrySet()) {
                changed |= want(entry.getKey(), entry.getValue());
            }
            if (changed) {
                routes = new Routes(runs.values());
                plansWritten = false;
                writePlans();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether what runs has changed. */
    private boolean want(ObjectKey key, ObjectNode stream) {
        String uid = Meta.uid(stream);
        JsonNode json = Json.at(stream, "status", "plan");
        if (!json.isObject()) {
            states.say(key, uid, StreamState.WAITING, "the Stream has no plan yet");
            return end(key);
        }
        return switch (PlanCodec.read(json)) {
            case PlanReading.Known(Plan plan) -> start(key, uid, plan);
            case PlanReading.UnknownVersion(int version) -> {
                states.say(
                        key,
                        uid,
                        StreamState.PLAN_UNKNOWN,
                        "plan version " + version + ", known is " + Plan.VERSION
                                + (runs.containsKey(key) ? ": the plan before it goes on" : ""));
                yield false;
            }
            case PlanReading.Malformed(String message) -> {
                states.say(key, uid, StreamState.WAITING, "the plan cannot be read: " + message);
                yield false;
            }
        };
    }

    private boolean start(ObjectKey key, String uid, Plan plan) {
        StreamRun.Identity identity = new StreamRun.Identity(key.namespace(), key.name(), uid, PlanFile.hash(plan));
        @Nullable StreamRun running = runs.get(key);
        if (running != null && running.identity().equals(identity)) {
            reportRunning(running);
            return false;
        }
        if (running == null && runs.size() >= config.maxStreams()) {
            states.say(key, uid, StreamState.REFUSED, "this node runs at most " + config.maxStreams() + " streams");
            return false;
        }
        end(key);
        StreamRun run = run(identity, plan);
        runs.put(key, run);
        reportRunning(run);
        return true;
    }

    private StreamRun run(StreamRun.Identity identity, Plan plan) {
        return new StreamRun(identity, plan, config, history.of(identity, plan), properties);
    }

    /** Closes the windows of what runs, as partial; its rows leave with the next ticks. */
    private boolean end(ObjectKey key) {
        @Nullable StreamRun run = runs.remove(key);
        if (run != null) {
            routes = new Routes(runs.values());
            run.end();
            history.remember(run);
            leaving.add(run);
        }
        return run != null;
    }

    public void accept(DeviceReading reading) {
        for (StreamRun run : routes.of(reading)) {
            run.accept(reading);
        }
    }

    /** Each device has been read since the start, or was found lost: the time without an agent is over. */
    public void resumed() {
        lock.lock();
        try {
            gap.resumed();
        } finally {
            lock.unlock();
        }
    }

    /** Closes windows by the clock, hands rows to the sink, writes the checkpoint; to be called about every 100 ms. */
    public void tick() {
        lock.lock();
        try {
            long now = config.clock().millis();
            runs.values().forEach(r -> r.tick(now));
            boolean handedOn = handOn(now);
            keep(now, handedOn, false);
            runs.values().forEach(this::report);
        } finally {
            lock.unlock();
        }
    }

    /** Those that end stand before those that took their place. */
    private List<StreamRun> all() {
        List<StreamRun> all = new ArrayList<>(leaving);
        all.addAll(runs.values());
        return all;
    }

    /** Whether the rows of every reading so far are durable. */
    private boolean handOn(long now) {
        List<StreamRun> all = all();
        all.forEach(r -> r.offer(samples));
        try {
            gap.tell(now, uplinkNamespaces(), samples);
            if (all.stream().allMatch(StreamRun::idle)) {
                return true;
            }
            samples.sync();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "rows are not durable yet: {0}", e.getMessage());
            return false;
        }
        all.forEach(StreamRun::synced);
        return all.stream().allMatch(StreamRun::offeredAll);
    }

    private Set<String> uplinkNamespaces() {
        return runs.values().stream()
                .filter(run -> run.plan().sink() instanceof Sink.Uplink)
                .map(run -> run.identity().namespace())
                .collect(Collectors.toSet());
    }

    private void keep(long now, boolean handedOn, boolean last) {
        try {
            if (last) {
                checkpoint.write(all().stream().filter(StreamRun::windowed).toList());
            } else {
                checkpoint.write(all(), now);
            }
            plansWritten &= !leaving.removeIf(StreamRun::idle);
            if (!plansWritten) {
                planFile.write(all());
                plansWritten = true;
            }
            if (handedOn && checkpoint.whole() && all().stream().noneMatch(StreamRun::urgent)) {
                gap.kept(now);
            }
            if (checkpoint.whole()) {
                disk(null);
            }
        } catch (IOException e) {
            disk(e);
        }
    }

    /** Says once that the disk fails, however often it is tried again, and that it works when what was missing is written. */
    private void disk(@Nullable IOException failure) {
        if (failure != null && !diskFails) {
            LOG.log(System.Logger.Level.WARNING, "the state of streams cannot be written: {0}", failure.toString());
        } else if (failure == null && diskFails) {
            LOG.log(System.Logger.Level.INFO, "the state of streams can be written again");
        }
        diskFails = failure != null;
    }

    private void writePlans() {
        try {
            planFile.write(all());
            plansWritten = true;
        } catch (IOException e) {
            disk(e);
        }
    }

    /** A plan that waits outweighs how the one before it fares. */
    private void report(StreamRun run) {
        States.Said said = states.of(run.identity().key());
        if (said.state() != StreamState.PLAN_UNKNOWN && said.state() != StreamState.WAITING) {
            reportRunning(run);
        }
    }

    private void reportRunning(StreamRun run) {
        StreamRun.Identity identity = run.identity();
        String trouble = run.trouble();
        StreamState state = trouble.isEmpty() ? StreamState.RUNNING : StreamState.DEGRADED;
        states.say(identity.key(), identity.uid(), state, trouble);
    }

    /** The device properties that a running stream reads; empty when no such stream runs. Waits for nothing. */
    public Optional<Set<String>> inputs(String namespace, String stream) {
        return routes.run(ObjectKey.of(Kinds.STREAM, namespace, stream)).map(StreamRun::properties);
    }

    public List<StreamSnapshot> snapshot() {
        lock.lock();
        try {
            return runs.values().stream()
                    .map(run -> {
                        States.Said said = states.of(run.identity().key());
                        return run.snapshot(said.state(), said.message());
                    })
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Hands on what is ready and writes a last checkpoint. */
    @Override
    public void close() {
        lock.lock();
        try {
            routes = new Routes(List.of());
            long now = config.clock().millis();
            keep(now, handOn(now), true);
        } finally {
            lock.unlock();
        }
    }
}
