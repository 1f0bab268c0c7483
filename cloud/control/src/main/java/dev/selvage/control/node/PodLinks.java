package dev.selvage.control.node;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Parallel;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the condition {@code Linked} of bound pods in step with their node: Unknown while it cannot be reached, True
 * again on return; the phase stays. Pods of a node that was deleted are garbage: nobody can confirm their end any more.
 */
public final class PodLinks implements Part {
    private static final Logger LOG = LoggerFactory.getLogger(PodLinks.class);
    private static final String LINKED = "Linked";
    private static final int WRITES_AT_ONCE = 32;
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

    private final Informer pods;
    private final Informer nodes;
    private final Writer writer;
    private final Clock clock;
    private final Duration orphanAfter;
    private final Orphans orphans;
    private final Map<String, Set<ObjectKey>> byNode = new ConcurrentHashMap<>();
    private final Map<ObjectKey, String> nodeOf = new ConcurrentHashMap<>();
    private final Map<String, Boolean> unreachable = new ConcurrentHashMap<>();
    private final Map<ObjectKey, Long> homeless = new ConcurrentHashMap<>();
    private final Controller<ObjectKey> controller = new Controller<>("pod-links", this::reconcile);
    private final Parallel parallel = new Parallel("pod-link", WRITES_AT_ONCE);

    public PodLinks(Informers informers, Writer writer, NodeTiming timing, Clock clock) {
        this.pods = informers.of(Kinds.POD);
        this.nodes = informers.of(Kinds.NODE);
        this.writer = writer;
        this.clock = clock;
        this.orphanAfter = timing.orphanAfter();
        this.orphans = new Orphans(writer, clock);
        pods.listen(this::podChanged);
        nodes.listen(this::nodeChanged);
    }

    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
        parallel.close();
    }

    private void podChanged(Change change) {
        String node =
                change.object().map(pod -> Json.textAt(pod, "spec", "nodeName")).orElse("");
        String before = node.isEmpty() ? nodeOf.remove(change.key()) : nodeOf.put(change.key(), node);
        if (before != null && !before.equals(node)) {
            byNode.computeIfPresent(before, (name, keys) -> {
                keys.remove(change.key());
                return keys.isEmpty() ? null : keys;
            });
        }
        if (!node.isEmpty()) {
            byNode.computeIfAbsent(node, name -> ConcurrentHashMap.newKeySet()).add(change.key());
            controller.enqueue(change.key());
        }
    }

    private void nodeChanged(Change change) {
        String name = change.key().name();
        Boolean now = change.object().map(Marks::any).orElse(null);
        Boolean before = now == null ? unreachable.remove(name) : unreachable.put(name, now);
        if (now == null || !now.equals(before)) {
            byNode.getOrDefault(name, Set.of()).forEach(controller::enqueue);
        }
    }

    private Next reconcile(ObjectKey key) throws InterruptedException {
        Optional<Stored> stored = pods.get(key);
        if (stored.isEmpty()) {
            homeless.remove(key);
            return Next.DONE;
        }
        ObjectNode pod = stored.get().parse();
        ObjectKey node = ObjectKey.cluster(Kinds.NODE, Json.textAt(pod, "spec", "nodeName"));
        Optional<Stored> host = nodes.get(node);
        if (host.isEmpty()) {
            return withoutNode(key, pod, node);
        }
        homeless.remove(key);
        boolean lost = Marks.any(host.get().parse());
        String linked = Conditions.status(pod, LINKED);
        if (lost && !linked.equals("Unknown")) {
            set(
                    pod,
                    key,
                    "Unknown",
                    "NodeUnreachable",
                    "The node cannot be reached; the pod goes on there as last declared.");
        } else if (!lost && !linked.isEmpty() && !linked.equals("True")) {
            set(pod, key, "True", "NodeReachable", "");
        }
        return Next.DONE;
    }

    private Next withoutNode(ObjectKey key, ObjectNode pod, ObjectKey node) throws InterruptedException {
        if (node.name().isEmpty()) {
            return Next.DONE;
        }
        if (!orphans.wasThere(pod)) {
            if (!Conditions.status(pod, LINKED).equals("Unknown")) {
                set(pod, key, "Unknown", "NodeNotFound", "There is no node " + node.name() + " yet.");
            }
            return Next.DONE;
        }
        long now = System.nanoTime();
        Long before = homeless.putIfAbsent(key, now);
        long since = before == null ? now : before;
        if (now - since < orphanAfter.toNanos()) {
            return Next.after(orphanAfter.minusNanos(now - since).plusMillis(1));
        }
        if (writer.read(node).isEmpty()) {
            LOG.info("removing {}: its node {} was deleted", key, node.name());
            write(key, () -> orphans.remove(key, Meta.uid(pod), node.name()));
        }
        return Next.DONE;
    }

    private void set(ObjectNode pod, ObjectKey key, String status, String reason, String message)
            throws InterruptedException {
        String uid = Meta.uid(pod);
        write(
                key,
                () -> writer.mutateStatus(
                        key, uid, now -> Conditions.set(now, LINKED, status, reason, message, clock.instant())));
    }

    private void write(ObjectKey key, Runnable task) throws InterruptedException {
        parallel.run(() -> {
            boolean written = false;
            try {
                task.run();
                written = true;
            } finally {
                if (!written) {
                    controller.enqueueAfter(key, TRY_AGAIN);
                }
            }
        });
    }
}
