package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Meta;
import dev.selvage.model.Pod;
import dev.selvage.model.PodContainer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One pod: a virtual thread that looks at what is desired and what is there, does the next step, and sleeps until
 * something changes. All of the pod's state belongs to that thread; others only leave a message and wake it.
 */
final class PodWorker implements ContainerDriver.Surroundings {
    private static final System.Logger LOG = System.getLogger(PodWorker.class.getName());
    private static final Duration WHILE_RUNNING = Duration.ofSeconds(5);
    private static final Duration WHILE_WAITING = Duration.ofSeconds(10);
    private static final String EVICTED = "Evicted";
    private static final Duration VOLUME_LOOK = Duration.ofSeconds(10);

    private final PodNode node;
    private final PodRecord record;
    private final Optional<PodRuntime> runtime;
    private final List<ContainerDriver> init = new ArrayList<>();
    private final List<ContainerDriver> main = new ArrayList<>();
    private final Volumes volumes;
    private final TerminationMessages messages;
    private final DiskLimits disk;
    private final RunPlanner planner;
    private final EventLimiter events = new EventLimiter();
    private final PodMailbox mailbox;
    private final Thread thread;
    private volatile PodSnapshot snapshot;
    private volatile Pod current;
    private @Nullable ObjectNode published;
    private Instant volumesLooked;
    private volatile boolean admitted;
    private boolean prepared;
    private boolean released;
    /** Mounted files may be behind their ConfigMaps, their Secrets, or the pod's own labels. */
    private boolean volumesBehind;

    PodWorker(PodNode node, PodRecord record, Pod desired, boolean removed) {
        this.node = node;
        this.record = record;
        this.mailbox = new PodMailbox(desired, removed);
        this.current = desired;
        this.runtime = node.runtimeFor(record.pod);
        this.volumes = node.volumes(
                record.pod.uid(), runtime.map(r -> r.defaults("").user()).orElse(RunSpec.User.NOBODY));
        this.disk = new DiskLimits(volumes);
        this.messages = node.messages(record.pod.uid());
        this.planner = node.planner(volumes, messages);
        this.volumesLooked = node.now();
        this.volumesBehind = record.startTime != null; // an agent before this one may have ended before it wrote them
        record.pod.initContainers().forEach(c -> init.add(new ContainerDriver(this, record.container(c.name()))));
        record.pod.containers().forEach(c -> main.add(new ContainerDriver(this, record.container(c.name()))));
        this.snapshot = snapshot(new PodStatus(node.config(), record, RunId::toString).build());
        this.thread = Thread.ofVirtual().name("pod-" + record.pod.name()).unstarted(this::live);
    }

    void begin() {
        thread.start();
    }

    PodSnapshot snapshot() {
        return snapshot;
    }

    PodMailbox mailbox() {
        return mailbox;
    }

    @Override
    public void wake() {
        mailbox.wake();
    }

    /** Waits for the end of the thread; a step that takes too long is broken off. */
    void join() {
        try {
            if (!thread.join(Duration.ofSeconds(5))) {
                thread.interrupt();
                thread.join(Duration.ofSeconds(5));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Counts towards the node's number of pods. */
    boolean admitted() {
        return admitted;
    }

    private void live() {
        try {
            while (!mailbox.closing()) {
                Optional<Duration> pause = step();
                if (pause.isEmpty()) {
                    node.ended(this, record.pod);
                    return;
                }
                mailbox.await(pause.get());
            }
        } catch (InterruptedException e) {
            // the agent ends; the containers go on
        } finally {
            drivers().forEach(ContainerDriver::close);
        }
    }

    /** One look and what follows from it; empty when nothing is left of the pod. A fault is reported and tried again. */
    private Optional<Duration> step() throws InterruptedException {
        try {
            boolean ending = takeMessages();
            observe();
            if (ending) {
                return end();
            }
            if (record.outcome == null && !deadlineOver()) {
                advance();
            } else {
                release(stopAll());
            }
            publish();
            return Optional.of(pause());
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "pod " + record.pod.key(), e);
            event("Warning", "FailedSync", String.valueOf(e));
            return Optional.of(WHILE_WAITING);
        }
    }

    /** True when the pod must go. */
    private boolean takeMessages() {
        PodMailbox.Messages messages = mailbox.take();
        volumesBehind |= !metadata(messages.pod()).equals(metadata(record.pod));
        record.pod = messages.pod();
        current = messages.pod();
        if (messages.configsChanged()) {
            drivers().forEach(ContainerDriver::retryNow);
            volumesBehind = true;
        }
        if (volumesBehind && !messages.ending() && record.outcome == null && prepared) {
            bringVolumesUpToDate();
        }
        return messages.ending();
    }

    /** What files of a downwardAPI volume may tell of that changes. */
    private static List<Map<String, String>> metadata(Pod pod) {
        return List.of(Meta.labels(pod.object()), Meta.annotations(pod.object()));
    }

    /** What cannot be written now, on a full disk say, is tried again with each look. */
    private void bringVolumesUpToDate() {
        try {
            volumes.sync(record.pod, false);
            volumesBehind = false;
        } catch (IOException e) {
            event("Warning", "FailedMount", String.valueOf(e));
        }
    }

    private void observe() {
        if (runtime.isEmpty()) {
            return;
        }
        if (!record.bootId.isEmpty() && !record.bootId.equals(node.bootId())) {
            afterReboot();
        }
        record.bootId = node.bootId();
        for (ContainerDriver driver : drivers()) {
            record.pod.container(driver.record().name).ifPresent(driver::observe);
        }
    }

    /** Init containers run again (their work may have been in memory), back-off is forgotten. */
    private void afterReboot() {
        for (ContainerDriver driver : drivers()) {
            driver.record().backOff = null;
            record.pod.container(driver.record().name).ifPresent(driver::observe);
        }
        if (record.outcome == null && record.pod.restartPolicy() != Pod.RestartPolicy.NEVER) {
            init.forEach(driver -> driver.record().runAgain());
        }
    }

    /** A pod that has ended keeps its runs and their logs, but no address and nothing that runs. */
    private void release(boolean stopped) {
        if (stopped && !released && runtime.isPresent()) {
            runtime().releasePod(record.pod.uid());
            if (record.outcome != null
                    && record.outcome.reason().equals(EVICTED)) { // its space is what it was evicted for
                runtime().runs(record.pod.uid()).forEach(runtime()::remove);
                volumes.remove();
            }
            released = true;
        }
    }

    private void advance() throws InterruptedException {
        if (prepared && !runtime().prepared(record.pod.uid())) {
            prepared = false;
        }
        if (!prepared) {
            Optional<PodRecord.Outcome> refusal = admit();
            if (refusal.isPresent()) {
                record.outcome = refusal.get();
                event("Warning", refusal.get().reason(), refusal.get().message());
                return;
            }
            admitted = true;
            if (node.predecessorLeaving(this)) {
                return;
            }
            Optional<Failure> failure = runtime().preparePod(sandbox());
            if (failure.isPresent()) {
                event("Warning", "FailedCreatePodSandBox", failure.get().message());
                return;
            }
            record.startTime = record.startTime == null ? now() : record.startTime;
            record.podIp = record.pod.hostNetwork()
                    ? node.config().hostIp()
                    : runtime().podIp(record.pod.uid()).orElse("");
            prepared = true;
        }
        if (initialized()) {
            for (ContainerDriver driver : main) {
                PodContainer spec = spec(driver);
                driver.ensureRuns(spec, restarts(driver));
            }
            finishIfDone();
        }
        evictIfFull();
    }

    private Optional<PodRecord.Outcome> admit() {
        if (record.pod.finished() && record.startTime == null) {
            return Optional.of(
                    new PodRecord.Outcome(record.pod.phase(), "", "")); // it ended before our state of it was lost
        }
        if (record.startTime != null) {
            return Optional.empty();
        }
        if (runtime.isEmpty()) {
            return Optional.of(refused("no runtime class \"%s\" on this node; it has %s"
                    .formatted(record.pod.runtimeClass(), node.runtimeNames())));
        }
        if (node.full(this)) {
            return Optional.of(new PodRecord.Outcome(
                    "Failed",
                    "OutOfpods",
                    "Node didn't have enough resource: pods, capacity: "
                            + node.config().maxPods()));
        }
        return runtime().refuse(record.pod).map(PodWorker::refused);
    }

    private static PodRecord.Outcome refused(String message) {
        return new PodRecord.Outcome("Failed", "Refused", message);
    }

    /** Brings init containers forward one by one; true when all have succeeded. */
    private boolean initialized() throws InterruptedException {
        for (ContainerDriver driver : init) {
            if (driver.succeeded()) {
                continue;
            }
            boolean never = record.pod.restartPolicy() == Pod.RestartPolicy.NEVER;
            if (driver.record().exit != null && never) {
                record.outcome = new PodRecord.Outcome("Failed", "", "");
                return false;
            }
            driver.ensureRuns(spec(driver), !never);
            if (!driver.succeeded()) {
                return false;
            }
        }
        return true;
    }

    private boolean restarts(ContainerDriver driver) {
        return record.pod.restartPolicy().restarts(driver.succeeded());
    }

    private void finishIfDone() {
        boolean done = main.stream().allMatch(d -> d.record().exit != null && !restarts(d));
        if (done) {
            record.outcome = new PodRecord.Outcome(
                    main.stream().allMatch(ContainerDriver::succeeded) ? "Succeeded" : "Failed", "", "");
        }
    }

    private void evictIfFull() {
        if (now().isBefore(volumesLooked.plus(VOLUME_LOOK))) {
            return;
        }
        volumesLooked = now();
        messages.trim();
        disk.exceeded(record.pod, this::written).ifPresent(message -> {
            record.outcome = new PodRecord.Outcome("Failed", EVICTED, message);
            event("Warning", EVICTED, message);
            stopAll();
        });
    }

    /** Of the pod as a whole, from its start, whatever its containers did since (kubelet: activeDeadlineHandler). */
    private Optional<Instant> deadline() {
        JsonNode seconds = record.pod.spec().path("activeDeadlineSeconds");
        return seconds.isNumber() && record.startTime != null && record.outcome == null
                ? Optional.of(record.startTime.plusSeconds(seconds.asLong()))
                : Optional.empty();
    }

    private boolean deadlineOver() {
        if (deadline().isEmpty() || now().isBefore(deadline().get())) {
            return false;
        }
        String message = "Pod was active on the node longer than the specified deadline";
        record.outcome = new PodRecord.Outcome("Failed", "DeadlineExceeded", message);
        event("Normal", "DeadlineExceeded", message);
        return true;
    }

    private long written(PodContainer container) {
        ContainerRecord known = record.container(container.name());
        return known.attempt < 0
                ? 0
                : runtime().writtenBytes(new RunId(record.pod.uid(), container.name(), known.attempt));
    }

    private boolean stopAll() {
        Duration grace = Duration.ofSeconds(record.pod.graceSeconds());
        for (ContainerDriver driver : drivers()) {
            if (driver.record().running() && driver.record().stopSince == null) {
                event("Normal", "Killing", "Stopping container " + driver.record().name);
            }
            driver.stop(grace);
        }
        return drivers().stream().noneMatch(d -> d.record().running());
    }

    private Optional<Duration> end() {
        if (runtime.isPresent() && !stopAll()) {
            publish();
            return Optional.of(pause());
        }
        if (record.outcome == null && record.startTime != null) {
            boolean well = main.stream().allMatch(ContainerDriver::succeeded);
            record.outcome = new PodRecord.Outcome(well ? "Succeeded" : "Failed", "", "");
        }
        publish();
        runtime.ifPresent(r -> r.removePod(record.pod.uid()));
        volumes.remove();
        node.store().remove(record.pod.uid());
        return Optional.empty();
    }

    private void publish() {
        admitted = admitted && record.outcome == null;
        save();
        ObjectNode status = new PodStatus(node.config(), record, this::containerId).build();
        snapshot = snapshot(status);
        if (!status.equals(published)) {
            published = status.deepCopy();
            save(); // conditions may have changed in the building
            node.listener().status(record.pod.key(), record.pod.uid(), status);
        }
    }

    private String containerId(RunId run) {
        return runtime.map(r -> r.idScheme() + "://" + r.runName(run)).orElse("none://" + run);
    }

    private PodSnapshot snapshot(ObjectNode status) {
        List<PodSnapshot.Container> containers = new ArrayList<>();
        for (ContainerDriver driver : drivers()) {
            ContainerRecord container = driver.record();
            long pid = container.running()
                            && runtime.isPresent()
                            && runtime().observe(driver.run()) instanceof Observation.Running running
                    ? running.pid()
                    : 0;
            long bytes =
                    container.attempt >= 0 && runtime.isPresent() ? runtime().logBytes(driver.run()) : 0;
            containers.add(new PodSnapshot.Container(
                    container.name,
                    container.attempt,
                    container.last != null,
                    pid,
                    Math.max(0, container.attempt),
                    bytes));
        }
        return new PodSnapshot(record.pod.key(), record.pod.uid(), status, List.copyOf(containers));
    }

    private Duration pause() {
        boolean running = drivers().stream().anyMatch(d -> d.record().running());
        Duration pause = running ? WHILE_RUNNING : WHILE_WAITING;
        return Stream.concat(drivers().stream().map(ContainerDriver::wakeAt), Stream.of(deadline()))
                .flatMap(Optional::stream)
                .map(this::until)
                .filter(left -> left.compareTo(pause) < 0)
                .min(Comparator.naturalOrder())
                .orElse(pause);
    }

    private Duration until(Instant wake) {
        Duration left = Duration.between(now(), wake);
        return left.isPositive() ? left.plusMillis(5) : Duration.ofMillis(100);
    }

    private PodSandbox sandbox() {
        return new PodSandbox(record.pod, Environment.hostname(record.pod, node.config()));
    }

    private PodContainer spec(ContainerDriver driver) {
        return record.pod.container(driver.record().name).orElseThrow();
    }

    private List<ContainerDriver> drivers() {
        List<ContainerDriver> all = new ArrayList<>(init);
        all.addAll(main);
        return all;
    }

    @Override
    public PodRuntime runtime() {
        return runtime.orElseThrow();
    }

    @Override
    public Pod pod() {
        return current;
    }

    @Override
    public Instant now() {
        return node.now();
    }

    @Override
    public String podIp() {
        return record.podIp.isEmpty() ? node.config().hostIp() : record.podIp;
    }

    @Override
    public void save() {
        node.store().save(record.pod.uid(), record);
    }

    @Override
    public void event(String type, String reason, String message) {
        if (events.passes(reason, message, now())) {
            node.listener().event(record.pod.key(), record.pod.uid(), type, reason, message);
        }
    }

    @Override
    public RunPlan plan(PodContainer container, RunId run) {
        return planner.plan(runtime(), record.pod, container, run, podIp(), this::event);
    }

    @Override
    public Observation.Exited told(PodContainer container, RunId run, Observation.Exited exited) {
        return messages.told(runtime(), run, container, drivers().size(), exited);
    }

    @Override
    public StartOutcome start(RunSpec spec) throws InterruptedException {
        return node.start(runtime(), spec);
    }
}
