package dev.selvage.control.node;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import java.time.Clock;
import java.util.Set;

/** Removes pods whose node was deleted, as upstream's pod garbage collector does: marked Failed first, then deleted. */
final class Orphans {
    private static final Set<String> FINISHED = Set.of("Succeeded", "Failed");

    private final Writer writer;
    private final Clock clock;

    Orphans(Writer writer, Clock clock) {
        this.writer = writer;
        this.clock = clock;
    }

    /**
     * Whether the pod belonged to a node that existed: the scheduler bound it, or it has started. A pod that people bind
     * by name to a node that has yet to join is not garbage.
     */
    boolean wasThere(ObjectNode pod) {
        String phase = Json.textAt(pod, "status", "phase");
        return Conditions.status(pod, "PodScheduled").equals("True")
                || !Json.textAt(pod, "status", "startTime").isEmpty()
                || !(phase.isEmpty() || phase.equals("Pending"));
    }

    void remove(ObjectKey key, String uid, String node) {
        String message = "The node " + node + " was deleted.";
        writer.mutateStatus(key, uid, pod -> {
            boolean finished = FINISHED.contains(Json.textAt(pod, "status", "phase"));
            boolean told = Conditions.set(pod, "DisruptionTarget", "True", "DeletionByPodGC", message, clock.instant());
            if (!finished) {
                Json.child(pod, "status")
                        .put("phase", "Failed")
                        .put("reason", "NodeLost")
                        .put("message", message);
            }
            return told || !finished;
        });
        writer.delete(key, DeleteOptions.now(uid));
    }
}
