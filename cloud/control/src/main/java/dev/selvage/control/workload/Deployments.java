package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import dev.selvage.model.ObjectKey;
import dev.selvage.model.RolloutAmount;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rolls a Deployment from one revision of its template to the next (k8s.io/kubernetes/pkg/controller/deployment). Pods
 * on nodes that cannot be reached hold nothing up: they are deferred, and brought up to date when their node returns.
 */
final class Deployments implements Part {
    private final Informer deployments;
    private final SelectorIndex selectors;
    private final OwnerIndex<Replica> pods;
    private final Revisions revisions;
    private final Writer writer;
    private final Clock clock;
    private final Controller<ObjectKey> controller = new Controller<>("deployment", this::reconcile);

    Deployments(
            Informers informers,
            OwnerIndex<Replica> pods,
            OwnerIndex<Revision> sets,
            Writer writer,
            Recorder events,
            Clock clock) {
        this.deployments = informers.of(Kinds.DEPLOYMENT);
        this.selectors = new SelectorIndex(Kinds.DEPLOYMENT, deployments);
        this.pods = pods;
        this.revisions = new Revisions(sets, writer, events);
        this.writer = writer;
        this.clock = clock;
        deployments.listen(change -> controller.enqueue(change.key()));
        sets.listen(this::setChanged);
        // what no count of a ReplicaSet tells: a pod that is gone for good, or whose node cannot be reached
        pods.listen(pod -> pod.controller()
                .filter(owner -> owner.kind().equals(Kinds.REPLICA_SET.kind()))
                .flatMap(owner ->
                        sets.get(ObjectKey.of(Kinds.REPLICA_SET, pod.key().namespace(), owner.name())))
                .ifPresent(this::setChanged));
    }

    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private void setChanged(Revision set) {
        selectors.concerned(set).forEach(controller::enqueue);
    }

    private Next reconcile(ObjectKey key) {
        Optional<Stored> stored = deployments.get(key);
        if (stored.isEmpty()) {
            return Next.DONE;
        }
        ObjectNode deployment = stored.get().parse();
        List<Revision> all = revisions.of(deployment);
        RollingMath math = math(deployment);
        int collisions = Json.at(deployment, "status", "collisionCount").asInt(0);
        if (!Meta.deleting(deployment)) {
            collisions += step(deployment, all, math);
        }
        return report(key, deployment, math, collisions);
    }

    private static RollingMath math(ObjectNode deployment) {
        int wanted = Json.at(deployment, "spec", "replicas").asInt(1);
        if (recreates(deployment)) {
            return new RollingMath(wanted, 0, 0);
        }
        RolloutAmount surge = RolloutAmount.of(Json.at(deployment, "spec", "strategy", "rollingUpdate", "maxSurge"));
        RolloutAmount missing =
                RolloutAmount.of(Json.at(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable"));
        int up = surge.roundedUp(wanted);
        int down = missing.roundedDown(wanted);
        // upstream's ResolveFenceposts: both rounded to nothing would never move
        return new RollingMath(wanted, up, up == 0 && down == 0 ? 1 : Math.min(down, wanted));
    }

    private static boolean recreates(ObjectNode deployment) {
        return Json.textAt(deployment, "spec", "strategy", "type").equals("Recreate");
    }

    /** One step; what it changes comes back as a change of a ReplicaSet. Returns the collisions met. */
    private int step(ObjectNode deployment, List<Revision> all, RollingMath math) {
        Optional<Revision> newest = Revisions.newest(deployment, all);
        List<Revision> old = new ArrayList<>(all);
        newest.ifPresent(old::remove);
        newest.ifPresent(revision -> revisions.number(deployment, revision, old, math));
        if (Json.at(deployment, "spec", "paused").asBoolean(false) || scaledByUser(all, math)) {
            resize(deployment, newest, old, math);
            return 0;
        }
        if (newest.isEmpty()) {
            return recreates(deployment) && !cleared(deployment, old, math) ? 0 : make(deployment, old, math);
        }
        if (recreates(deployment)) {
            if (cleared(deployment, old, math)) {
                revisions.scale(deployment, newest.get(), math.wanted(), math);
            }
        } else {
            roll(deployment, newest.get(), old, math);
        }
        revisions.cleanUp(deployment, old);
        return 0;
    }

    private int make(ObjectNode deployment, List<Revision> old, RollingMath math) {
        int all = old.stream().mapToInt(Revision::replicas).sum();
        return switch (revisions.make(deployment, old, math.ofNew(0, all), math)) {
            case Revisions.Made.There _ -> 0;
            case Revisions.Made.Collision _ -> 1;
        };
    }

    private void roll(ObjectNode deployment, Revision newest, List<Revision> old, RollingMath math) {
        int all = newest.replicas() + old.stream().mapToInt(Revision::replicas).sum();
        int size = math.ofNew(newest.replicas(), all);
        if (revisions.scale(deployment, newest, size, math)) {
            return;
        }
        List<RollingMath.Side> sides = old.stream().map(this::side).toList();
        revisions.scale(deployment, math.ofOld(side(newest), sides), math);
    }

    private RollingMath.Side side(Revision revision) {
        Instant now = clock.instant();
        Duration minReady = ReplicaSets.minReady(revision.object());
        long deferred = pods.of(revision.uid()).stream()
                .filter(pod -> pod.active() && pod.lost() && !pod.given(now) && !pod.available(now, minReady))
                .count();
        return new RollingMath.Side(revision, (int) deferred);
    }

    /** Takes the old revisions to nothing; true once none of their pods runs any more. */
    private boolean cleared(ObjectNode deployment, List<Revision> old, RollingMath math) {
        Instant now = clock.instant();
        Map<Revision, Integer> sizes = new LinkedHashMap<>();
        old.stream().filter(revision -> revision.replicas() > 0).forEach(revision -> sizes.put(revision, 0));
        revisions.scale(deployment, sizes, math);
        return old.stream()
                .flatMap(revision -> pods.of(revision.uid()).stream())
                .allMatch(pod -> pod.finished() || pod.given(now));
    }

    /** Whether the Deployment's size has changed since its revisions were last scaled. */
    private static boolean scaledByUser(List<Revision> all, RollingMath math) {
        return all.stream()
                .anyMatch(revision ->
                        revision.replicas() > 0 && revision.desired() >= 0 && revision.desired() != math.wanted());
    }

    /** Follows a change of size without rolling any further. */
    private void resize(ObjectNode deployment, Optional<Revision> newest, List<Revision> old, RollingMath math) {
        List<Revision> active = new ArrayList<>();
        newest.filter(r -> r.replicas() > 0).ifPresent(active::add);
        old.stream().filter(r -> r.replicas() > 0).forEach(active::add);
        if (active.size() <= 1) {
            Optional<Revision> only = active.isEmpty()
                    ? newest.or(() -> old.stream().max(Comparator.comparingLong(Revision::number)))
                    : Optional.of(active.getFirst());
            only.ifPresent(revision -> revisions.scale(deployment, revision, math.wanted(), math));
            return;
        }
        active.sort(Comparator.comparingInt(Revision::replicas).reversed().thenComparing(Revision.BY_AGE.reversed()));
        Map<Revision, Integer> before = new LinkedHashMap<>();
        active.forEach(revision -> before.put(revision, revision.replicas()));
        int previousMost = active.stream().mapToInt(Revision::most).max().orElse(math.most());
        revisions.scale(deployment, math.proportional(before, previousMost), math);
    }

    private Next report(ObjectKey key, ObjectNode deployment, RollingMath math, int collisions) {
        List<Revision> all = revisions.of(deployment);
        Instant now = clock.instant();
        int lost = (int) all.stream()
                .flatMap(revision -> pods.of(revision.uid()).stream())
                .filter(pod -> pod.lost() && !pod.finished())
                .count();
        DeploymentReport report =
                new DeploymentReport(Revisions.newest(deployment, all), all, lost, collisions, math, now);
        writer.mutateStatus(key, Meta.uid(deployment), object -> report.write(object));
        return report.complete()
                ? Next.DONE
                : report.untilDeadline(deployment)
                        .filter(left -> !left.isNegative())
                        .map(left -> Next.after(left.plusMillis(100)))
                        .orElse(Next.DONE);
    }
}
