package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Backoff;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.RolloutAmount;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keeps one pod on every node that a DaemonSet's template fits, and rolls them from one version to the next
 * (k8s.io/kubernetes/pkg/controller/daemon). Nodes that cannot be reached are deferred ({@link DaemonFit#AWAY}).
 */
final class DaemonSets implements Part {
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);
    private static final int MOST_AT_ONCE = 250;

    private final Informer sets;
    private final SelectorIndex selectors;
    private final OwnerIndex<Replica> pods;
    private final DaemonHistory history;
    private final PodWrites podWrites;
    private final Writer writer;
    private final Recorder events;
    private final Clock clock;
    private final Map<String, Node> nodes = new ConcurrentSkipListMap<>();
    private final Delays delays = new Delays(new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(15)));
    private final Controller<ObjectKey> controller = new Controller<>("daemonset", this::reconcile);

    DaemonSets(
            Informers informers,
            OwnerIndex<Replica> pods,
            PodWrites podWrites,
            Writer writer,
            Recorder events,
            Clock clock) {
        this.sets = informers.of(Kinds.DAEMON_SET);
        this.selectors = new SelectorIndex(Kinds.DAEMON_SET, sets);
        this.pods = pods;
        OwnerIndex<DaemonRevision> revisions =
                new OwnerIndex<>(informers.of(Kinds.CONTROLLER_REVISION), DaemonRevision::new);
        this.history = new DaemonHistory(revisions, writer);
        this.podWrites = podWrites;
        this.writer = writer;
        this.events = events;
        this.clock = clock;
        sets.listen(change -> controller.enqueue(change.key()));
        pods.listen(this::changed);
        revisions.listen(this::changed);
        informers.of(Kinds.NODE).listen(this::nodeChanged);
    }

    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private void changed(Owned object) {
        selectors.concerned(object).forEach(controller::enqueue);
    }

    private void nodeChanged(Change change) {
        Optional<Node> now = change.object().map(Node::of);
        Optional<Node> before = Optional.ofNullable(
                now.isPresent()
                        ? nodes.put(change.key().name(), now.get())
                        : nodes.remove(change.key().name()));
        if (!now.equals(before)) {
            sets.all().forEach(set -> controller.enqueue(set.key()));
        }
    }

    private Next reconcile(ObjectKey key) throws InterruptedException {
        Optional<Stored> stored = sets.get(key);
        if (stored.isEmpty()) {
            return Next.DONE;
        }
        ObjectNode set = stored.get().parse();
        if (Meta.deleting(set)) {
            return Next.DONE;
        }
        int collisions = Json.at(set, "status", "collisionCount").asInt(0);
        Optional<DaemonRevision> current = history.current(set).revision();
        if (current.isEmpty()) {
            writer.mutateStatus(key, Meta.uid(set), object -> {
                Json.child(object, "status").put("collisionCount", collisions + 1);
                return true;
            });
            return Next.DONE; // comes again by its own change
        }
        podWrites.claim(set, pods);
        Next next = step(set, current.get());
        DaemonPlan after = plan(set, current.get());
        history.cleanUp(set, current.get(), live(after));
        writer.mutateStatus(
                key, Meta.uid(set), object -> new DaemonReport(after, collisions).write(object, Meta.generation(set)));
        return next;
    }

    private static Set<String> live(DaemonPlan plan) {
        return plan.pods().values().stream()
                .flatMap(List::stream)
                .map(pod -> pod.labels().getOrDefault(DaemonPod.HASH, ""))
                .collect(Collectors.toSet());
    }

    private DaemonPlan plan(ObjectNode set, DaemonRevision current) {
        DaemonFit.Template template = DaemonFit.Template.of(set);
        Map<String, DaemonFit> fits = new TreeMap<>();
        nodes.forEach((name, node) -> fits.put(name, template.on(node)));
        return DaemonPlan.of(fits, pods.of(Meta.uid(set)), current.hash(), ReplicaSets.minReady(set), clock.instant());
    }

    private Next step(ObjectNode set, DaemonRevision current) throws InterruptedException {
        RolloutAmount surge = RolloutAmount.of(Json.at(set, "spec", "updateStrategy", "rollingUpdate", "maxSurge"));
        RolloutAmount missing =
                RolloutAmount.of(Json.at(set, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable"));
        boolean rolls = Json.textAt(set, "spec", "updateStrategy", "type").equals("RollingUpdate");
        try {
            DaemonPlan plan = plan(set, current);
            DaemonPlan.Steps level = plan.level(rolls && !surge.isZero());
            apply(set, current, level);
            Duration wait = ended(set, level.failed(), plan.now());
            if (rolls && level.delete().isEmpty()) {
                apply(set, current, plan(set, current).roll(missing, surge));
            }
            return later(plan, wait);
        } catch (PodWrites.Refused refused) {
            return Next.after(AFTER_REFUSAL);
        }
    }

    private void apply(ObjectNode set, DaemonRevision current, DaemonPlan.Steps steps) throws InterruptedException {
        SlowStart.run(steps.delete().stream()
                .limit(MOST_AT_ONCE)
                .map(pod -> (Runnable) () -> podWrites.delete(set, pod))
                .toList());
        SlowStart.run(steps.create().stream()
                .limit(MOST_AT_ONCE)
                .map(node -> (Runnable) () -> podWrites.create(set, DaemonPod.of(set, node, current.hash())))
                .toList());
    }

    /** Deletes pods that ended, so that others take their place; returns how long the next one has to wait. */
    private Duration ended(ObjectNode set, List<Replica> failed, Instant now) {
        Duration shortest = Duration.ZERO;
        for (Replica pod : failed) {
            Duration wait = delays.before(Meta.uid(set) + "/" + pod.target(), now);
            if (wait.isZero()) {
                boolean succeeded = pod.phase().equals("Succeeded");
                events.record(
                        set,
                        succeeded ? Recorder.Type.NORMAL : Recorder.Type.WARNING,
                        succeeded ? "SucceededDaemonPod" : "FailedDaemonPod",
                        "Found %s daemon pod %s/%s on node %s, will try to %s it"
                                .formatted(
                                        succeeded ? "succeeded" : "failed",
                                        pod.key().namespace(),
                                        pod.key().name(),
                                        pod.target(),
                                        succeeded ? "delete" : "kill"));
                podWrites.delete(set, pod);
            } else if (shortest.isZero() || wait.compareTo(shortest) < 0) {
                shortest = wait;
            }
        }
        return shortest;
    }

    /** When time alone changes something: a pod has been ready for long enough, or a failed one may be replaced. */
    private static Next later(DaemonPlan plan, Duration wait) {
        Stream<Duration> ready = plan.pods().values().stream()
                .flatMap(List::stream)
                .filter(pod -> pod.active() && pod.ready() && !plan.available(pod))
                .map(pod -> Duration.between(plan.now(), pod.readySince().plus(plan.minReady())));
        Stream<Duration> failed = wait.isZero() ? Stream.empty() : Stream.of(wait);
        return Stream.concat(ready, failed)
                .min(Duration::compareTo)
                .map(left -> Next.after(left.plusMillis(1)))
                .orElse(Next.DONE);
    }
}
