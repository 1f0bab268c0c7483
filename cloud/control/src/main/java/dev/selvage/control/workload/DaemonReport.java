package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import java.util.List;

/** A DaemonSet's status (upstream's updateDaemonSetStatus), and which nodes it waits for. */
final class DaemonReport {
    /** Ours: upstream's DaemonSets have no conditions, and people must see why a node is left out. */
    static final String DEFERRED = "Deferred";

    private int desired;
    private int current;
    private int misscheduled;
    private int ready;
    private int available;
    private int updated;
    private int away;
    private final DaemonPlan plan;
    private final int collisions;

    DaemonReport(DaemonPlan plan, int collisions) {
        this.plan = plan;
        this.collisions = collisions;
        plan.fits().forEach(this::count);
    }

    private void count(String node, DaemonFit fit) {
        List<Replica> pods = plan.on(node);
        switch (fit) {
            case RUN -> {
                desired++;
                if (!pods.isEmpty()) {
                    current++;
                    Replica oldest = pods.getFirst();
                    ready += oldest.ready() ? 1 : 0;
                    available += plan.available(oldest) ? 1 : 0;
                    updated += plan.updated(oldest) ? 1 : 0;
                }
            }
            case KEEP, LEAVE -> misscheduled += pods.isEmpty() ? 0 : 1;
            case AWAY -> away++;
        }
    }

    /** Writes the status; returns whether anything changed. */
    boolean write(ObjectNode set, long generation) {
        JsonNode before = set.path("status").deepCopy();
        ObjectNode status = Json.child(set, "status");
        status.put("currentNumberScheduled", current);
        status.put("numberMisscheduled", misscheduled);
        status.put("desiredNumberScheduled", desired);
        status.put("numberReady", ready);
        status.set("observedGeneration", Json.whole(generation));
        ReplicaSets.count(status, "updatedNumberScheduled", updated);
        ReplicaSets.count(status, "numberAvailable", available);
        ReplicaSets.count(status, "numberUnavailable", desired - available);
        if (collisions > 0) {
            status.put("collisionCount", collisions);
        }
        if (away == 0) {
            Conditions.remove(set, DEFERRED);
        } else {
            String message = away == 1
                    ? "1 node cannot be reached: brought up to date when it returns."
                    : away + " nodes cannot be reached: brought up to date when they return.";
            Conditions.set(set, DEFERRED, "True", "NodeUnreachable", message, plan.now());
        }
        return !set.path("status").equals(before);
    }
}
