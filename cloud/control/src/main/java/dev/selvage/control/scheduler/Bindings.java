package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Outcome;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what the scheduler decided (upstream: Binding, PodScheduled, DisruptionTarget, nominatedNodeName, Events
 * Scheduled, FailedScheduling and Preempted).
 */
final class Bindings {
    private static final Logger LOG = LoggerFactory.getLogger(Bindings.class);
    private static final String CONDITION = "PodScheduled";
    private static final String NOMINATED = "nominatedNodeName";

    private final Writer writer;
    private final Recorder recorder;
    private final Clock clock;

    Bindings(Writer writer, Recorder recorder, Clock clock) {
        this.writer = writer;
        this.recorder = recorder;
        this.clock = clock;
    }

    /** Binds a pod that is still unbound; of two binders the first wins. Returns whether this one did. */
    boolean bind(SchedulablePod pod, ObjectNode object, String node) {
        Outcome bound = writer.mutateWhole(pod.key(), pod.uid(), now -> {
            if (!Json.textAt(now, "spec", "nodeName").isEmpty()) {
                return false;
            }
            Json.child(now, "spec").put("nodeName", node);
            Conditions.set(now, CONDITION, "True", "", "", clock.instant());
            return true;
        });
        if (!(bound instanceof Outcome.Committed)) {
            LOG.debug("{} was not bound to {}: {}", pod.key(), node, bound);
            return false;
        }
        recorder.record(
                object,
                Recorder.Type.NORMAL,
                "Scheduled",
                "Successfully assigned " + pod.key().namespace() + "/"
                        + pod.key().name() + " to " + node);
        return true;
    }

    /**
     * Says why a pod waits, in its condition and in an Event; nothing is written while the words stay the same. Where room was
     * being made for it and it still may not have it, that ends, as long as nobody leaves for it.
     */
    void explain(SchedulablePod pod, ObjectNode object, String message) {
        String node = message.contains("terminating pod on the nominated node") ? pod.nominatedNode() : "";
        unschedulable(pod, object, node, message);
    }

    /** Says that a node is being made free for the pod. */
    void nominate(SchedulablePod pod, ObjectNode object, String node, String message) {
        unschedulable(pod, object, node, message);
    }

    private void unschedulable(SchedulablePod pod, ObjectNode object, String nominated, String message) {
        Optional<JsonNode> before = Conditions.find(object, CONDITION);
        boolean told = before.isPresent()
                && Json.textAt(before.get(), "status").equals("False")
                && Json.textAt(before.get(), "message").equals(message)
                && pod.nominatedNode().equals(nominated);
        if (!told) {
            writer.mutateStatus(pod.key(), pod.uid(), now -> {
                boolean unbound = Json.textAt(now, "spec", "nodeName").isEmpty();
                boolean moved = unbound && nominate(now, nominated);
                boolean said =
                        unbound && Conditions.set(now, CONDITION, "False", "Unschedulable", message, clock.instant());
                return moved || said;
            });
        }
        recorder.record(object, Recorder.Type.WARNING, "FailedScheduling", message);
    }

    private static boolean nominate(ObjectNode pod, String node) {
        ObjectNode status = Json.child(pod, "status");
        if (Json.textAt(status, NOMINATED).equals(node)) {
            return false;
        }
        if (node.isEmpty()) {
            status.remove(NOMINATED);
        } else {
            status.put(NOMINATED, node);
        }
        return true;
    }

    /** Deletes a pod, with its grace period, for one of higher priority. Returns whether it goes. */
    boolean preempt(SchedulablePod preemptor, SchedulablePod victim, ObjectNode object) {
        writer.mutateStatus(
                victim.key(),
                victim.uid(),
                now -> Conditions.set(
                        now,
                        "DisruptionTarget",
                        "True",
                        "PreemptionByScheduler",
                        "default-scheduler: preempting to accommodate a higher priority pod",
                        clock.instant()));
        boolean goes =
                writer.delete(victim.key(), DeleteOptions.ofUid(victim.uid())).succeeded();
        if (goes) {
            recorder.record(
                    object,
                    Recorder.Type.NORMAL,
                    "Preempted",
                    "Preempted by pod " + preemptor.uid() + " on node " + victim.nodeName());
        }
        return goes;
    }
}
