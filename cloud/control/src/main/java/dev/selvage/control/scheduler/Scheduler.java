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
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Binds pods to nodes. One thread decides, so that no two decisions count the same room; the writes go out side by side.
 * A pod that fits nowhere waits until a node changes or a pod leaves, and is looked at again every minute besides.
 */
public final class Scheduler implements Part {
    private static final ObjectKey WAKE = new ObjectKey("", "", "wake");
    private static final Duration WAKE_AFTER = Duration.ofMillis(100);
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);
    private static final int BINDINGS_AT_ONCE = 64;

    private final Informer pods;
    private final Informer nodes;
    private final Bindings bindings;
    private final Cluster cluster = new Cluster();
    private final Set<ObjectKey> waiting = new LinkedHashSet<>();
    private final Set<ObjectKey> binding = ConcurrentHashMap.newKeySet();
    private final Controller<ObjectKey> controller = new Controller<>("scheduler", this::reconcile);
    private final Parallel parallel = new Parallel("bind", BINDINGS_AT_ONCE);

    public Scheduler(Informers informers, Writer writer, Recorder recorder, Clock clock) {
        this.pods = informers.of(Kinds.POD);
        this.nodes = informers.of(Kinds.NODE);
        this.bindings = new Bindings(writer, recorder, clock);
        pods.listen(this::changed);
        nodes.listen(this::changed);
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
        controller.enqueue(change.key());
    }

    private Next reconcile(ObjectKey key) throws InterruptedException {
        if (key.equals(WAKE)) {
            waiting.forEach(controller::enqueue);
            return waiting.isEmpty() ? Next.DONE : Next.after(LOOK_AGAIN);
        }
        if (key.resource().equals(Kinds.NODE.id())) {
            node(key);
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

    private void pod(ObjectKey key) throws InterruptedException {
        Optional<Stored> stored = pods.get(key);
        if (stored.isEmpty()) {
            waiting.remove(key);
            if (cluster.podGone(key)) {
                wake();
            }
            return;
        }
        ObjectNode object = stored.get().parse();
        SchedulablePod pod = SchedulablePod.of(key, object);
        if (binding.contains(key) && pod.nodeName().isEmpty()) {
            return;
        }
        if (cluster.pod(pod)) {
            wake();
        }
        if (!pod.wantsNode()) {
            waiting.remove(key);
            return;
        }
        switch (cluster.choose(pod)) {
            case Choice.Fits(String node) -> bind(pod, object, node);
            case Choice.Nowhere(String message) -> {
                if (waiting.add(key)) {
                    controller.enqueueAfter(WAKE, LOOK_AGAIN);
                }
                parallel.run(() -> bindings.explain(pod, object, message));
            }
        }
    }

    private void bind(SchedulablePod pod, ObjectNode object, String node) throws InterruptedException {
        waiting.remove(pod.key());
        cluster.pod(pod.on(node));
        binding.add(pod.key());
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

    private void wake() {
        if (!waiting.isEmpty()) {
            controller.enqueueAfter(WAKE, WAKE_AFTER);
        }
    }
}
