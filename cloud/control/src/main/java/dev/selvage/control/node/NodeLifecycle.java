package dev.selvage.control.node;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.NotLeaderException;
import dev.selvage.control.frame.Parallel;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the heartbeats and marks who cannot be reached, and who can again. Nothing is ever stopped or evicted here:
 * a mark keeps new pods away and tells people; the node itself goes on (design, "Pods on nodes that cannot be reached").
 */
public final class NodeLifecycle implements Part {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLifecycle.class);
    private static final int WRITES_AT_ONCE = 32;
    private static final int NAMED_IN_A_FREEZE = 10;

    private final Informer nodes;
    private final Writer writer;
    private final Recorder recorder;
    private final Supplier<Map<String, Duration>> heartbeats;
    private final NodeTiming timing;
    private final Clock clock;
    private final Judge judge;
    private final Map<String, Mark> marks = new ConcurrentHashMap<>();
    private final Controller<String> controller = new Controller<>("node-life-cycle", key -> look());
    private final Parallel parallel = new Parallel("node", WRITES_AT_ONCE);
    private Optional<Verdict.Freeze> frozen = Optional.empty();

    /** Whether a node carries the marks of being unreachable; half of them after a crash between the two writes. */
    private enum Mark {
        NONE,
        HALF,
        WHOLE;

        static Mark of(ObjectNode node) {
            return Marks.all(node) ? WHOLE : Marks.any(node) ? HALF : NONE;
        }
    }

    /** @param heartbeats age of each node's last heartbeat, in database time; fails when the database cannot be asked */
    public NodeLifecycle(
            Informers informers,
            Writer writer,
            Recorder recorder,
            Supplier<Map<String, Duration>> heartbeats,
            NodeTiming timing,
            Clock clock) {
        this.nodes = informers.of(Kinds.NODE);
        this.writer = writer;
        this.recorder = recorder;
        this.heartbeats = heartbeats;
        this.timing = timing;
        this.clock = clock;
        this.judge = new Judge(timing, System.nanoTime());
        nodes.listen(this::changed);
    }

    @Override
    public void start() {
        controller.start();
        controller.enqueue("look");
    }

    @Override
    public void close() {
        controller.close();
        parallel.close();
    }

    private void changed(Change change) {
        String name = change.key().name();
        change.object().ifPresentOrElse(node -> marks.put(name, Mark.of(node)), () -> marks.remove(name));
    }

    private Next look() throws InterruptedException {
        Map<String, Mark> all = new TreeMap<>(marks);
        Set<String> marked = new HashSet<>();
        all.forEach((name, mark) -> {
            if (mark != Mark.NONE) {
                marked.add(name);
            }
        });
        Map<String, Duration> ages;
        try {
            ages = heartbeats.get();
        } catch (NotLeaderException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn("cannot read heartbeats, no node is judged: {}", e.toString());
            judge.outage(System.nanoTime());
            return Next.after(timing.tick());
        }
        act(judge.judge(System.nanoTime(), all.keySet(), marked, ages));
        for (String name : marked) {
            Duration age = ages.get(name);
            if (all.get(name) == Mark.HALF && age != null && age.compareTo(timing.unreachableAfter()) > 0) {
                lost(name, Marks.STOPPED);
            }
        }
        return Next.after(timing.tick());
    }

    private void act(Verdict verdict) throws InterruptedException {
        for (String name : verdict.returned()) {
            returned(name);
        }
        for (String name : verdict.lost()) {
            lost(name, Marks.STOPPED);
        }
        for (String name : verdict.silent()) {
            lost(name, Marks.NEVER);
        }
        Optional<Verdict.Freeze> freeze = verdict.frozen();
        if (freeze.isPresent()
                && frozen.map(Verdict.Freeze::mass).orElse(false)
                        != freeze.get().mass()) {
            LOG.warn("no node is marked unreachable now: {}", freeze.get().words());
            if (freeze.get().mass()) {
                nodes.all().stream()
                        .limit(NAMED_IN_A_FREEZE)
                        .forEach(node -> recorder.record(
                                node.parse(),
                                Recorder.Type.WARNING,
                                "NodeDecisionsFrozen",
                                freeze.get().words()));
            }
        } else if (freeze.isEmpty() && frozen.isPresent()) {
            LOG.info("nodes are judged again");
        }
        frozen = freeze;
    }

    private void lost(String name, String reason) throws InterruptedException {
        ObjectKey key = ObjectKey.cluster(Kinds.NODE, name);
        Optional<Stored> stored = nodes.get(key);
        if (stored.isEmpty()) {
            return;
        }
        ObjectNode node = stored.get().parse();
        String uid = stored.get().uid();
        LOG.warn("node {} cannot be reached ({})", key.name(), reason);
        parallel.run(() -> {
            writer.mutate(key, uid, now -> Marks.taint(now, clock.instant()));
            writer.mutateStatus(key, uid, now -> Marks.silence(now, reason, clock.instant()));
            recorder.record(
                    node,
                    Recorder.Type.WARNING,
                    "NodeUnreachable",
                    "The node sends no heartbeats; its workloads go on there as last declared, nothing is evicted.");
        });
    }

    private void returned(String name) throws InterruptedException {
        ObjectKey key = ObjectKey.cluster(Kinds.NODE, name);
        Optional<Stored> stored = nodes.get(key);
        if (stored.isEmpty()) {
            return;
        }
        ObjectNode node = stored.get().parse();
        String uid = stored.get().uid();
        LOG.info("node {} is back", key.name());
        parallel.run(() -> {
            writer.mutateStatus(key, uid, now -> Marks.unsilence(now, clock.instant()));
            writer.mutate(key, uid, Marks::untaint);
            recorder.record(node, Recorder.Type.NORMAL, "NodeReachable", "The node sends heartbeats again.");
        });
    }
}
