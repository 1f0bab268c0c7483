package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Pod;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * The pods of this node. Constructing it reads what is on disk and changes nothing; {@link #desired} begins the work.
 *
 * <p>{@link #close} ends the threads and leaves every container running; the next instance with the same home adopts
 * them.
 */
public final class Pods implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Pods.class.getName());

    private final PodsConfig config;
    private final List<PodRuntime> runtimes;
    private final Configs configs;
    private final PodListener listener;
    private final PodStore store;
    private final Path memory;
    private final String bootId = ProcFs.bootId();
    private final Semaphore starts;
    private final Node node = new Node();
    /** Records found at start that no worker has taken over yet. */
    private final Map<String, PodRecord> found;

    private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
    private boolean closed;

    public Pods(PodsConfig config, List<? extends PodRuntime> runtimes, Configs configs, PodListener listener) {
        this.config = config;
        this.runtimes = List.copyOf(runtimes);
        this.configs = configs;
        this.listener = listener;
        this.store = new PodStore(config.home());
        this.found = store.load();
        this.starts = new Semaphore(config.parallelStarts());
        try {
            this.memory = OwnFiles.inMemory(OwnFiles.instance(config.home()), config.home())
                    .resolve("pods");
            OwnFiles.directory(memory);
        } catch (IOException e) {
            throw new UncheckedIOException("a place in memory for secrets", e);
        }
        this.runtimes.forEach(r -> r.onChange(run -> {
            PodWorker worker = workers.get(run.podUid());
            if (worker != null) {
                worker.wake();
            }
        }));
    }

    /**
     * The whole set of pods that belong here. Pods that run and are not in it end with their grace period; pods with a
     * deletionTimestamp too. Idempotent; returns at once.
     */
    public void desired(Collection<ObjectNode> pods) {
        desired(pods, true);
    }

    /**
     * As {@link #desired(Collection)}, when some of the set may be lost: pods that are not in it go on as they were last desired.
     *
     * @param whole false when the set was damaged on the disk
     */
    public synchronized void desired(Collection<ObjectNode> pods, boolean whole) {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        Map<String, Pod> wanted = new LinkedHashMap<>();
        for (ObjectNode object : pods) {
            Pod pod = new Pod(object.deepCopy());
            if (PodStore.UID.matcher(pod.uid()).matches()) {
                wanted.put(pod.uid(), pod);
            } else {
                LOG.log(System.Logger.Level.WARNING, "pod {0} has no usable uid and is left out", pod.key());
            }
        }
        if (whole) {
            Set<String> unwanted = new HashSet<>(workers.keySet());
            unwanted.addAll(found.keySet());
            unwanted.removeAll(wanted.keySet());
            unwanted.forEach(
                    uid -> reconcile(uid, Optional.empty())); // first: a successor of the same name waits for them
            removeLost(wanted.keySet());
        } else {
            found.forEach((uid, record) -> wanted.putIfAbsent(uid, record.pod));
        }
        wanted.forEach((uid, pod) -> reconcile(uid, Optional.of(pod)));
    }

    /** A pod of which nothing is left but its runs, and that nobody wants: they would go on for ever. */
    private void removeLost(Set<String> wanted) {
        for (String uid : store.takeLost()) {
            if (!wanted.contains(uid)) {
                Thread.ofVirtual().name("remove " + uid).start(() -> {
                    runtimes.forEach(r -> r.removePod(uid));
                    store.remove(uid);
                });
            }
        }
    }

    private void reconcile(String uid, Optional<Pod> wanted) {
        PodWorker worker = workers.get(uid);
        if (worker != null) {
            wanted.ifPresentOrElse(worker.mailbox()::desire, worker.mailbox()::remove);
            return;
        }
        PodRecord record = found.remove(uid);
        if (record == null) {
            record = new PodRecord(wanted.orElseThrow());
            recover(record);
        }
        PodWorker fresh = new PodWorker(node, record, wanted.orElse(record.pod), wanted.isEmpty());
        workers.put(uid, fresh);
        fresh.begin();
    }

    /** A pod without a record may still have runs, when the record was lost: the newest of each container is its current one. */
    private void recover(PodRecord record) {
        node.runtimeFor(record.pod).ifPresent(runtime -> {
            for (RunId run : runtime.runs(record.pod.uid())) {
                if (record.pod.container(run.container()).isPresent()) {
                    ContainerRecord container = record.container(run.container());
                    container.attempt = Math.max(container.attempt, run.attempt());
                    container.image =
                            record.pod.container(run.container()).get().image();
                    record.startTime = node.now();
                }
            }
        });
    }

    /** ConfigMaps or Secrets have changed: mounted ones are brought up to date, waiting pods try again. */
    public void configsChanged() {
        workers.values().forEach(w -> w.mailbox().configsChanged());
    }

    /**
     * Writes a container's output; with follow it returns when the container has ended or {@code out} fails.
     *
     * @throws LogsUnavailableException when there is nothing of that name
     */
    public void logs(LogRequest request, OutputStream out) throws IOException {
        PodSnapshot pod = pod(request.namespace(), request.pod(), request.uid());
        PodSnapshot.Container container = container(pod, request.container());
        int attempt = container.attempt() - (request.previous() ? 1 : 0);
        if (attempt < 0) {
            throw new LogsUnavailableException(
                    request.previous()
                            ? "previous terminated container \"%s\" in pod \"%s\" not found"
                                    .formatted(container.name(), pod.key().name())
                            : "container \"%s\" in pod \"%s\" is waiting to start"
                                    .formatted(container.name(), pod.key().name()));
        }
        PodWorker worker = workers.get(pod.uid());
        PodRuntime runtime =
                worker == null ? null : node.runtimeFor(worker.pod()).orElse(null);
        if (runtime != null) {
            runtime.logs(new RunId(pod.uid(), container.name(), attempt), request, out);
        }
    }

    /**
     * Runs a command in a running container; see {@link PodRuntime#interact}.
     *
     * @param uid of the pod; empty = whichever pod has that name here
     * @param name of the container; may be empty when the pod has only one
     */
    public ExecEnd exec(ObjectKey key, String uid, String name, ExecRequest request, ExecStreams streams)
            throws IOException, InterruptedException {
        PodSnapshot pod;
        PodSnapshot.Container container;
        try {
            pod = pod(key.namespace(), key.name(), uid);
            container = container(pod, name);
        } catch (LogsUnavailableException e) {
            return new ExecEnd.NotPossible(String.valueOf(e.getMessage()));
        }
        PodWorker worker = workers.get(pod.uid());
        Optional<PodRuntime> runtime = worker == null ? Optional.empty() : node.runtimeFor(worker.pod());
        if (runtime.isEmpty() || container.attempt() < 0) {
            return new ExecEnd.NotPossible(
                    "container \"%s\" in pod \"%s\" is waiting to start".formatted(container.name(), key.name()));
        }
        return runtime.get().interact(new RunId(pod.uid(), container.name(), container.attempt()), request, streams);
    }

    private PodSnapshot pod(String namespace, String name, String uid) {
        return snapshot().stream()
                .filter(p -> uid.isEmpty()
                        ? p.key().namespace().equals(namespace)
                                && p.key().name().equals(name)
                        : p.uid().equals(uid))
                .findFirst()
                .orElseThrow(
                        () -> new LogsUnavailableException("pod %s/%s is not on this node".formatted(namespace, name)));
    }

    private static PodSnapshot.Container container(PodSnapshot pod, String name) {
        List<String> names =
                pod.containers().stream().map(PodSnapshot.Container::name).toList();
        if (name.isEmpty() && names.size() != 1) {
            throw new LogsUnavailableException("a container name must be specified for pod %s, choose one of: %s"
                    .formatted(pod.key().name(), names));
        }
        return pod.containers().stream()
                .filter(c -> name.isEmpty() || c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new LogsUnavailableException("container %s is not valid for pod %s, it has: %s"
                        .formatted(name, pod.key().name(), names)));
    }

    /** What is known of each pod now, in no order. */
    public List<PodSnapshot> snapshot() {
        return workers.values().stream().map(PodWorker::snapshot).toList();
    }

    /** The runtimes of this node; {@link PodRuntime#features} tells why limits are not enforced or nothing can run. */
    public List<PodRuntime> runtimes() {
        return runtimes;
    }

    /** State that could not be read and was set aside, in words for the node's conditions; empty when all was well. */
    public List<String> faults() {
        return store.faults();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        workers.values().forEach(w -> w.mailbox().close());
        workers.values().forEach(PodWorker::join);
        OwnFiles.removeIfEmpty(memory, java.util.Objects.requireNonNull(memory.getParent()));
    }

    private final class Node implements PodNode {
        @Override
        public PodsConfig config() {
            return config;
        }

        @Override
        public PodStore store() {
            return store;
        }

        @Override
        public PodListener listener() {
            return listener;
        }

        @Override
        public String bootId() {
            return bootId;
        }

        @Override
        public Optional<PodRuntime> runtimeFor(Pod pod) {
            return runtimes.stream()
                    .filter(r -> r.name().equals(pod.runtimeClass()))
                    .findFirst();
        }

        @Override
        public List<String> runtimeNames() {
            return runtimes.stream().map(PodRuntime::name).toList();
        }

        @Override
        public Volumes volumes(String uid, int user) {
            return new Volumes(store.directory(uid), memory.resolve(uid), configs, config.allocatable(), user);
        }

        @Override
        public TerminationMessages messages(String uid) {
            return new TerminationMessages(store.directory(uid).resolve("messages"));
        }

        @Override
        public RunPlanner planner(Volumes volumes, TerminationMessages messages) {
            return new RunPlanner(config, configs, volumes, messages);
        }

        @Override
        public boolean full(PodWorker asking) {
            return workers.values().stream()
                            .filter(w -> w != asking && w.admitted())
                            .count()
                    >= config.maxPods();
        }

        @Override
        public boolean predecessorLeaving(PodWorker asking) {
            return workers.values().stream()
                    .anyMatch(w -> w != asking
                            && w.mailbox().leaving()
                            && w.pod().key().equals(asking.pod().key()));
        }

        @Override
        public StartOutcome start(PodRuntime runtime, RunSpec spec) throws InterruptedException {
            starts.acquire();
            try {
                return runtime.start(spec);
            } finally {
                starts.release();
            }
        }

        @Override
        public void ended(PodWorker worker, Pod pod) {
            synchronized (Pods.this) {
                workers.remove(pod.uid(), worker);
            }
            listener.gone(pod.key(), pod.uid());
            workers.values().forEach(PodWorker::wake);
        }
    }
}
