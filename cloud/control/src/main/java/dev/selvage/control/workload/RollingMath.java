package dev.selvage.control.workload;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far a rolling update may go in one step (k8s.io/kubernetes/pkg/controller/deployment: rolling.go, sync.go), as
 * pure functions.
 *
 * @param wanted replicas of the Deployment
 * @param surge how many more than wanted there may be
 * @param unavailable how many of the wanted ones may be missing
 */
record RollingMath(int wanted, int surge, int unavailable) {
    /** One ReplicaSet's part. {@code deferred}: pods that are not available, on nodes that cannot be reached. */
    record Side(Revision revision, int deferred) {
        int replicas() {
            return revision.replicas();
        }

        /** A pod that nobody can reach holds nothing up. */
        int available() {
            return Math.min(revision.replicas(), revision.available() + deferred);
        }
    }

    int most() {
        return wanted + surge;
    }

    int least() {
        return Math.max(0, wanted - unavailable);
    }

    /** What the new revision is scaled to: down to what is wanted, or up into the room that the surge leaves. */
    int ofNew(int now, int all) {
        if (now >= wanted) {
            return wanted;
        }
        int room = most() - all;
        return room <= 0 ? now : now + Math.min(room, wanted - now);
    }

    /**
     * What old revisions are scaled to, oldest first: unhealthy pods go before healthy ones, and never so many that
     * fewer than {@link #least} are available.
     *
     * @return new sizes of those that change
     */
    Map<Revision, Integer> ofOld(Side newest, List<Side> old) {
        int all = newest.replicas() + old.stream().mapToInt(Side::replicas).sum();
        int budget = all - least() - (newest.replicas() - newest.available());
        Map<Revision, Integer> sizes = new LinkedHashMap<>();
        List<Side> left = new ArrayList<>();
        for (Side side : old) {
            int sick = Math.min(Math.max(0, budget), side.replicas() - side.available());
            budget -= sick;
            if (sick > 0) {
                sizes.put(side.revision(), side.replicas() - sick);
            }
            left.add(side);
        }
        if (!sizes.isEmpty() && budget <= 0) {
            return sizes;
        }
        int available =
                newest.available() + old.stream().mapToInt(Side::available).sum();
        int spare = Math.min(budget, available - least());
        for (Side side : left) {
            int size = sizes.getOrDefault(side.revision(), side.replicas());
            int healthy = Math.min(size, side.available());
            int down = Math.min(Math.max(0, spare), healthy);
            if (down > 0) {
                sizes.put(side.revision(), size - down);
                spare -= down;
            }
        }
        return sizes;
    }

    /**
     * Shares a change of the Deployment's size out over its revisions in proportion to theirs, when it is scaled amid a
     * rollout (upstream's proportional scaling); the largest takes what rounding leaves.
     *
     * @param before sizes of the active revisions, largest first, and of equals the newest first
     */
    Map<Revision, Integer> proportional(Map<Revision, Integer> before, int previousMost) {
        int all = before.values().stream().mapToInt(Integer::intValue).sum();
        int allowed = wanted > 0 ? most() : 0;
        int add = allowed - all;
        Map<Revision, Integer> sizes = new LinkedHashMap<>();
        int added = 0;
        for (Map.Entry<Revision, Integer> entry : before.entrySet()) {
            int part = 0;
            if (add != 0 && previousMost > 0) {
                double share = entry.getValue() * (double) allowed / previousMost;
                part = (int) Math.round(share) - entry.getValue();
                int rest = add - added;
                part = add > 0 ? Math.min(Math.max(part, 0), rest) : Math.max(Math.min(part, 0), rest);
            }
            sizes.put(entry.getKey(), entry.getValue() + part);
            added += part;
        }
        int rest = add - added;
        for (Map.Entry<Revision, Integer> first : sizes.entrySet()) {
            first.setValue(Math.max(0, first.getValue() + rest));
            break;
        }
        return sizes;
    }
}
