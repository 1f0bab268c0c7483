package dev.selvage.control.workload;

import dev.selvage.model.RolloutAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which pods a DaemonSet makes and deletes next (k8s.io/kubernetes/pkg/controller/daemon: daemon_controller.go,
 * update.go), as a function of what is there. Nodes that cannot be reached have no part in it: they neither use up what may
 * be unavailable nor hold a rollout up.
 *
 * @param fits every node and what the set wants of it
 * @param pods pods of the set by the node that they are on or for
 * @param hash revision of the present template
 */
record DaemonPlan(
        Map<String, DaemonFit> fits, Map<String, List<Replica>> pods, String hash, Duration minReady, Instant now) {

    /** Of one pod per node: the oldest, and of equals the first by name. */
    private static final Comparator<Replica> OLDEST = Comparator.comparing(Replica::created)
            .thenComparing(pod -> pod.key().name());

    /**
     * @param create nodes that get a pod
     * @param failed pods to be deleted because they ended: not before their back-off
     */
    record Steps(Set<String> create, List<Replica> delete, List<Replica> failed) {
        Steps() {
            this(new TreeSet<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    static DaemonPlan of(Map<String, DaemonFit> fits, List<Replica> own, String hash, Duration minReady, Instant now) {
        Map<String, List<Replica>> pods = new TreeMap<>();
        own.stream()
                .sorted(OLDEST)
                .forEach(pod -> pods.computeIfAbsent(pod.target(), node -> new ArrayList<>())
                        .add(pod));
        return new DaemonPlan(fits, pods, hash, minReady, now);
    }

    List<Replica> on(String node) {
        return pods.getOrDefault(node, List.of());
    }

    boolean updated(Replica pod) {
        return hash.equals(pod.labels().get(DaemonPod.HASH));
    }

    boolean available(Replica pod) {
        return pod.available(now, minReady);
    }

    int desired() {
        return (int) fits.values().stream().filter(DaemonFit.RUN::equals).count();
    }

    /** One pod on each node where one belongs, none elsewhere; with a surge an old and a new one side by side. */
    Steps level(boolean surge) {
        Steps steps = new Steps();
        fits.forEach((node, fit) -> {
            switch (fit) {
                case RUN -> {
                    if (on(node).isEmpty()) {
                        steps.create().add(node);
                    }
                    keepOne(node, surge, steps);
                }
                case KEEP -> keepOne(node, surge, steps);
                case LEAVE -> on(node).stream().filter(pod -> !pod.deleting()).forEach(steps.delete()::add);
                case AWAY -> {}
            }
        });
        // a node that is gone: what it had is garbage already, what waits for it waits for nothing
        pods.forEach((node, there) -> {
            if (!fits.containsKey(node)) {
                there.stream()
                        .filter(pod -> pod.nodeName().isEmpty() && !pod.deleting())
                        .forEach(steps.delete()::add);
            }
        });
        return steps;
    }

    private void keepOne(String node, boolean surge, Steps steps) {
        List<Replica> running = new ArrayList<>();
        for (Replica pod : on(node)) {
            if (pod.deleting()) {
                continue;
            }
            (pod.finished() ? steps.failed() : running).add(pod);
        }
        if (!surge) {
            running.stream().skip(1).forEach(steps.delete()::add);
            return;
        }
        running.stream().filter(this::updated).skip(1).forEach(steps.delete()::add);
        List<Replica> old = running.stream().filter(pod -> !updated(pod)).toList();
        boolean replaced = running.stream().anyMatch(pod -> updated(pod) && available(pod));
        old.stream().skip(replaced ? 0 : 1).forEach(steps.delete()::add);
    }

    /** The next step of a rolling update; nothing while one is held back by what is unavailable already. */
    Steps roll(RolloutAmount maxUnavailable, RolloutAmount maxSurge) {
        int surge = maxSurge.roundedUp(desired());
        int missing = maxUnavailable.roundedUp(desired());
        return surge > 0
                ? surging(surge)
                : replacing(missing == 0 ? 1 : missing); // upstream: both zero would never move
    }

    private Steps replacing(int budget) {
        Steps steps = new Steps();
        List<Replica> candidates = new ArrayList<>();
        int unavailable = 0;
        for (String node : nodes()) {
            List<Replica> live = on(node).stream()
                    .filter(pod -> !pod.deleting() && !pod.finished())
                    .toList();
            if (live.size() != 1) {
                unavailable++; // on its way out or in
            } else if (updated(live.getFirst())) {
                unavailable += available(live.getFirst()) ? 0 : 1;
            } else if (!available(live.getFirst())) {
                unavailable++;
                steps.delete().add(live.getFirst()); // costs nothing
            } else {
                candidates.add(live.getFirst());
            }
        }
        candidates.stream().limit(Math.max(0, budget - unavailable)).forEach(steps.delete()::add);
        return steps;
    }

    private Steps surging(int budget) {
        Steps steps = new Steps();
        List<String> candidates = new ArrayList<>();
        int surging = 0;
        for (String node : nodes()) {
            List<Replica> live =
                    on(node).stream().filter(pod -> !pod.finished()).toList();
            List<Replica> old = live.stream()
                    .filter(pod -> !updated(pod) && !pod.deleting())
                    .toList();
            List<Replica> young = live.stream().filter(this::updated).toList();
            if (old.isEmpty()) {
                continue;
            }
            if (young.isEmpty()) {
                if (available(old.getFirst())) {
                    candidates.add(node);
                } else {
                    steps.create().add(node); // no healthy pod there to lose
                }
            } else if (young.stream().anyMatch(this::available)) {
                steps.delete().addAll(old);
            } else {
                surging++;
            }
        }
        candidates.stream().limit(Math.max(0, budget - surging)).forEach(steps.create()::add);
        return steps;
    }

    private List<String> nodes() {
        return fits.entrySet().stream()
                .filter(fit -> fit.getValue() == DaemonFit.RUN)
                .map(Map.Entry::getKey)
                .toList();
    }
}
