package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.store.Outcome;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down what the scheduler decided (upstream: Binding, PodScheduled, Events Scheduled and FailedScheduling). */
final class Bindings {
    private static final Logger LOG = LoggerFactory.getLogger(Bindings.class);
    private static final String CONDITION = "PodScheduled";

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
        Outcome bound = writer.mutate(pod.key(), pod.uid(), now -> {
            if (!Json.textAt(now, "spec", "nodeName").isEmpty()) {
                return false;
            }
            Json.child(now, "spec").put("nodeName", node);
            return true;
        });
        if (!(bound instanceof Outcome.Committed)) {
            LOG.debug("{} was not bound to {}: {}", pod.key(), node, bound);
            return false;
        }
        writer.mutateStatus(
                pod.key(), pod.uid(), now -> Conditions.set(now, CONDITION, "True", "", "", clock.instant()));
        recorder.record(
                object,
                Recorder.Type.NORMAL,
                "Scheduled",
                "Successfully assigned " + pod.key().namespace() + "/"
                        + pod.key().name() + " to " + node);
        return true;
    }

    /** Says why a pod waits, in its condition and in an Event; nothing is written while the words stay the same. */
    void explain(SchedulablePod pod, ObjectNode object, String message) {
        Optional<JsonNode> before = Conditions.find(object, CONDITION);
        boolean told = before.isPresent()
                && Json.textAt(before.get(), "status").equals("False")
                && Json.textAt(before.get(), "message").equals(message);
        if (!told) {
            writer.mutateStatus(
                    pod.key(),
                    pod.uid(),
                    now -> Json.textAt(now, "spec", "nodeName").isEmpty()
                            && Conditions.set(now, CONDITION, "False", "Unschedulable", message, clock.instant()));
        }
        recorder.record(object, Recorder.Type.WARNING, "FailedScheduling", message);
    }
}
