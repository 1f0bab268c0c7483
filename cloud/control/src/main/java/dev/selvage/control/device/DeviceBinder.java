package dev.selvage.control.device;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Declarations;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Outcome;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Binds Devices that select their node by labels: to the ready node with the fewest devices. A Device stays where it is
 * while that node exists, reachable or not; when the node was deleted, it is bound anew.
 */
public final class DeviceBinder implements Part {
    private static final String CONDITION = "Scheduled";

    private final Informer devices;
    private final Informer nodes;
    private final Writer writer;
    private final Recorder recorder;
    private final Duration orphanAfter;
    private final Clock clock;
    private final Declarations declarations = new Declarations();
    private final Map<String, Node> known = new ConcurrentHashMap<>();
    private final Map<ObjectKey, String> bound = new HashMap<>();
    private final Map<ObjectKey, Long> homeless = new HashMap<>();
    private final Set<ObjectKey> waiting = new HashSet<>();
    private final Controller<ObjectKey> controller = new Controller<>("device-binder", this::reconcile);

    public DeviceBinder(Informers informers, Writer writer, Recorder recorder, Duration orphanAfter, Clock clock) {
        this.devices = informers.of(Kinds.DEVICE);
        this.nodes = informers.of(Kinds.NODE);
        this.writer = writer;
        this.recorder = recorder;
        this.orphanAfter = orphanAfter;
        this.clock = clock;
        devices.listen(change -> {
            if (declarations.moved(change)) {
                controller.enqueue(change.key());
            }
        });
        nodes.listen(this::nodeChanged);
    }

    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private void nodeChanged(Change change) {
        Node now = change.object().map(Node::of).orElse(null);
        Node before = now == null
                ? known.remove(change.key().name())
                : known.put(change.key().name(), now);
        if (now == null || !now.equals(before)) {
            controller.enqueue(change.key());
        }
    }

    private Next reconcile(ObjectKey key) {
        if (key.resource().equals(Kinds.NODE.id())) {
            waiting.forEach(controller::enqueue);
            if (!known.containsKey(key.name())) {
                bound.forEach((device, node) -> {
                    if (node.equals(key.name())) {
                        controller.enqueue(device);
                    }
                });
            }
            return Next.DONE;
        }
        Optional<Stored> stored = devices.get(key);
        if (stored.isEmpty()) {
            forget(key);
            return Next.DONE;
        }
        return device(key, stored.get().parse());
    }

    private Next device(ObjectKey key, ObjectNode device) {
        String node = Json.textAt(device, "spec", "nodeName");
        Map<String, String> selector = Meta.strings(Json.at(device, "spec", "nodeSelector"));
        nowOn(key, node);
        if (selector.isEmpty() || Meta.deleting(device)) {
            return Next.DONE;
        }
        if (node.isEmpty()) {
            bind(key, device, selector, "");
            return Next.DONE;
        }
        if (nodes.get(ObjectKey.cluster(Kinds.NODE, node)).isPresent()) {
            homeless.remove(key);
            return Next.DONE;
        }
        long now = System.nanoTime();
        long since = homeless.computeIfAbsent(key, k -> now);
        if (now - since < orphanAfter.toNanos()) {
            return Next.after(orphanAfter.minusNanos(now - since).plusMillis(1));
        }
        if (writer.read(ObjectKey.cluster(Kinds.NODE, node)).isEmpty()) {
            bind(key, device, selector, node);
        }
        return Next.DONE;
    }

    private void bind(ObjectKey key, ObjectNode device, Map<String, String> selector, String before) {
        List<Node> matching = known.values().stream()
                .filter(node -> node.labels().entrySet().containsAll(selector.entrySet()))
                .toList();
        Map<String, Long> load = load();
        Optional<Node> best = matching.stream()
                .filter(node -> node.ready() == Node.Ready.TRUE && !node.unschedulable())
                .min(Comparator.<Node>comparingLong(node -> load.getOrDefault(node.name(), 0L))
                        .thenComparing(Node::name));
        if (best.isEmpty()) {
            waiting.add(key);
            explain(key, device, "0/" + known.size() + " nodes are available: " + words(matching));
            return;
        }
        String node = best.get().name();
        Outcome outcome = writer.mutate(key, Meta.uid(device), now -> {
            if (!Json.textAt(now, "spec", "nodeName").equals(before)) {
                return false;
            }
            Json.child(now, "spec").put("nodeName", node);
            return true;
        });
        if (outcome instanceof Outcome.Committed) {
            nowOn(key, node);
            writer.mutateStatus(
                    key, Meta.uid(device), now -> Conditions.set(now, CONDITION, "True", "Bound", "", clock.instant()));
            recorder.record(device, Recorder.Type.NORMAL, "Scheduled", "Bound to node " + node);
        }
    }

    private String words(List<Node> matching) {
        int unmatched = known.size() - matching.size();
        long cordoned = matching.stream().filter(Node::unschedulable).count();
        long unready = matching.size() - cordoned;
        StringBuilder words = new StringBuilder();
        part(words, unmatched, "node(s) didn't match Device's node selector");
        part(words, cordoned, "node(s) were unschedulable");
        part(words, unready, "node(s) were not ready");
        return words.isEmpty() ? "there are no nodes." : words.append('.').toString();
    }

    private static void part(StringBuilder words, long count, String reason) {
        if (count > 0) {
            words.append(words.isEmpty() ? "" : ", ").append(count).append(' ').append(reason);
        }
    }

    private void explain(ObjectKey key, ObjectNode device, String message) {
        boolean told = Conditions.find(device, CONDITION)
                .filter(condition -> Json.textAt(condition, "message").equals(message))
                .isPresent();
        if (!told) {
            writer.mutateStatus(
                    key,
                    Meta.uid(device),
                    now -> Conditions.set(now, CONDITION, "False", "Unschedulable", message, clock.instant()));
            recorder.record(device, Recorder.Type.WARNING, "FailedScheduling", message);
        }
    }

    private Map<String, Long> load() {
        Map<String, Long> load = new HashMap<>();
        bound.values().forEach(node -> load.merge(node, 1L, Long::sum));
        return load;
    }

    private void nowOn(ObjectKey key, String node) {
        waiting.remove(key);
        if (node.isEmpty()) {
            bound.remove(key);
        } else {
            bound.put(key, node);
        }
    }

    private void forget(ObjectKey key) {
        waiting.remove(key);
        bound.remove(key);
        homeless.remove(key);
    }
}
