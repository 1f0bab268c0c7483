package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Parallel;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Binds pods to nodes. One thread decides, so that no two decisions count the same room; the writes go out side by side.
 * A pod that fits nowhere waits until a node changes or a pod leaves, and is looked at again every minute besides.
 */
public final class Scheduler implements Part {
    private static final ObjectKey WAKE = new ObjectKey("", "", "wake");
    private static final ObjectKey DECIDE = new ObjectKey("", "", "decide");
    private static final Duration WAKE_AFTER = Duration.ofMillis(100);
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);
    /** Waiting pods from which on a pod is not told of each change of the reasons. */
    private static final int CROWD = 100;

    private static final int BINDINGS_AT_ONCE = 64;
    /** Decisions before the changes that came meanwhile are looked at. */
    private static final int DECISIONS_AT_ONCE = 16;

    private final Informer pods;
    private final Informer nodes;
    private final Informer namespaces;
    private final Bindings bindings;
    private final Cluster cluster = new Cluster();
    private final PodQueue queue = new PodQueue();
    private final SharedWants wants = new SharedWants();
    /** When each of the waiting pods was last told why it waits. */
    private final Map<ObjectKey, Long> told = new HashMap<>();

    private final Set<ObjectKey> binding = ConcurrentHashMap.newKeySet();
    /** Uids of pods whose deletion is under way and may not have been told of yet. */
    private final Set<String> doomed = ConcurrentHashMap.newKeySet();

    private final Controller<ObjectKey> controller = new Controller<>("scheduler", this::reconcile);
    private final Parallel parallel = new Parallel("bind", BINDINGS_AT_ONCE);

    public Scheduler(Informers informers, Writer writer, Recorder recorder, Clock clock) {
        this.pods = informers.of(Kinds.POD);
        this.nodes = informers.of(Kinds.NODE);
        this.namespaces = informers.of(Kinds.NAMESPACE);
        this.bindings = new Bindings(writer, recorder, clock);
        pods.listen(this::changed);
        nodes.listen(this::changed);
        namespaces.listen(this::changed);
    }

    /** To be called when pods and nodes have been listed: a node not known yet would look full or absent. */
    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
        parallel.close();
    }

    private void changed(Change change) {
        if (change.gone()) {
            doomed.remove(change.uid());
        }
        change.replacedUid().ifPresent(doomed::remove);
        controller.enqueue(change.key());
    }

    private Next reconcile(ObjectKey key) throws InterruptedException {
        if (key.equals(WAKE)) {
            queue.callBack();
            controller.enqueue(DECIDE);
            return queue.hasReady() ? Next.after(LOOK_AGAIN) : Next.DONE;
        }
        if (key.equals(DECIDE)) {
            for (int i = 0; i < DECISIONS_AT_ONCE && queue.hasReady(); i++) {
                decide();
            }
            if (queue.hasReady()) {
                controller.enqueue(DECIDE); // behind the changes that came meanwhile
            }
        } else if (key.resource().equals(Kinds.NODE.id())) {
            node(key);
        } else if (key.resource().equals(Kinds.NAMESPACE.id())) {
            namespace(key);
        } else {
            pod(key);
        }
        return Next.DONE;
    }

    private void node(ObjectKey key) {
        Optional<Stored> stored = nodes.get(key);
        if (stored.isEmpty()) {
            cluster.nodeGone(key.name());
            wake();
        } else if (cluster.node(Node.of(stored.get().parse()))) {
            wake();
        }
    }

    private void namespace(ObjectKey key) {
        Optional<Stored> stored = namespaces.get(key);
        if (stored.isEmpty()) {
            cluster.namespaceGone(key.name());
        } else if (cluster.namespace(key.name(), Meta.labels(stored.get().parse()))) {
            wake();
        }
    }

    private void pod(ObjectKey key) {
        Optional<Stored> stored = pods.get(key);
        if (stored.isEmpty()) {
            leave(key);
            if (cluster.podGone(key)) {
                wake();
            }
            return;
        }
        SchedulablePod pod = read(key, stored.get().parse());
        if (binding.contains(key) && pod.nodeName().isEmpty()) {
            return;
        }
        if (cluster.pod(pod)) {
            wake();
        }
        if (pod.wantsNode()) {
            queue.add(pod);
            controller.enqueue(DECIDE);
        } else {
            leave(key);
            if (pod.holdsResources()) {
                wakeChoosy();
            }
        }
    }

    private SchedulablePod read(ObjectKey key, ObjectNode object) {
        SchedulablePod pod = wants.share(SchedulablePod.of(key, object));
        return doomed.contains(pod.uid()) ? pod.doomed() : pod;
    }

    private void decide() throws InterruptedException {
        SchedulablePod pod = queue.next();
        if (pod == null || binding.contains(pod.key())) {
            return;
        }
        Choice choice = cluster.choose(pod);
        if (choice instanceof Choice.Nowhere) {
            controller.enqueueAfter(WAKE, LOOK_AGAIN);
            if (!explains(pod)) {
                return;
            }
        }
        Optional<Stored> stored = pods.get(pod.key()).filter(now -> now.uid().equals(pod.uid()));
        if (stored.isEmpty()) {
            return; // its end is told by a change of its own
        }
        ObjectNode object = stored.get().parse();
        switch (choice) {
            case Choice.Fits(String node) -> bind(pod, object, node);
            case Choice.Nowhere(String message) -> parallel.run(() -> bindings.explain(pod, object, message));
            case Choice.Preempts preempts -> preempt(pod, object, preempts);
        }
    }

    /** With each node that comes the words change: of a crowd that waits each pod is told anew once in a while only. */
    private boolean explains(SchedulablePod pod) {
        long now = System.nanoTime();
        Long before = told.get(pod.key());
        boolean explains = before == null
                || queue.size() <= CROWD
                || now - before > LOOK_AGAIN.toNanos() / 2
                || !pod.nominatedNode().isEmpty();
        if (explains) {
            told.put(pod.key(), now);
        }
        return explains;
    }

    private void leave(ObjectKey key) {
        queue.remove(key);
        told.remove(key);
    }

    private void bind(SchedulablePod pod, ObjectNode object, String node) throws InterruptedException {
        leave(pod.key());
        cluster.pod(pod.on(node));
        binding.add(pod.key());
        wakeChoosy();
        parallel.run(() -> {
            boolean bound = false;
            try {
                bound = bindings.bind(pod, object, node);
            } finally {
                binding.remove(pod.key());
                controller.enqueueAfter(pod.key(), bound ? Duration.ZERO : TRY_AGAIN);
            }
        });
    }

    /** The victims count as leaving, and the room as promised, before the watch tells of either. */
    private void preempt(SchedulablePod pod, ObjectNode object, Choice.Preempts choice) throws InterruptedException {
        cluster.pod(pod.nominated(choice.node()));
        for (SchedulablePod victim : choice.victims()) {
            doomed.add(victim.uid());
            cluster.pod(victim.doomed());
        }
        controller.enqueueAfter(WAKE, LOOK_AGAIN);
        parallel.run(() -> {
            bindings.nominate(pod, object, choice.node(), choice.message());
            for (SchedulablePod victim : choice.victims()) {
                if (!pods.get(victim.key())
                        .map(stored -> bindings.preempt(pod, victim, stored.parse()))
                        .orElse(false)) {
                    doomed.remove(victim.uid());
                    controller.enqueue(victim.key());
                }
            }
        });
    }

    /** A pod found its place: somebody may have waited for its company, or for its domain to fill. */
    private void wakeChoosy() {
        if (queue.hasChoosy()) {
            wake();
        }
    }

    private void wake() {
        if (queue.hasWaiting()) {
            controller.enqueueAfter(WAKE, WAKE_AFTER);
        }
    }
}
