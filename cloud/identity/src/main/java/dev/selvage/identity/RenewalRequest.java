package dev.selvage.identity;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.NodeRequest;
import dev.selvage.model.NodeRequest.State;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.time.Instant;
import java.util.Optional;

/** The NodeRequest by which a node that was away for too long asks to be a node again. */
final class RenewalRequest {
    private static final String REASON = "OfflineTooLong";

    private final String node;
    private final Question question;

    RenewalRequest(Resources resources, String node) {
        this.node = node;
        this.question = new Question(resources, node, NodeRequest.RENEW_IDENTITY);
    }

    String name() {
        return question.key().name();
    }

    /** What was decided, and whether the question was put just now. */
    record Decision(State state, String by, boolean anew) {}

    /**
     * The decision about this question. One that another machine put, or that was about another generation, is put anew: no decision covers what the administrator
     * has not seen.
     */
    Decision decision(long generation, Machine machine, Stored owner, Instant lastHeard) {
        Optional<Stored> present = question.read();
        if (present.isPresent()) {
            ObjectNode object = present.get().parse();
            if (Json.at(object, "spec", "generation").asLong() == generation
                    && Json.textAt(object, "spec", "machine").equals(machine.identity())) {
                NodeRequest request = NodeRequest.of(object);
                return new Decision(request.state(), request.decidedBy(), false);
            }
            question.remove(present.get());
        }
        boolean created = create(generation, machine, owner, lastHeard);
        return new Decision(State.PENDING, "", created);
    }

    private boolean create(long generation, Machine machine, Stored owner, Instant lastHeard) {
        ObjectNode spec = Json.object()
                .put("nodeName", node)
                .put("type", NodeRequest.RENEW_IDENTITY)
                .put("reason", REASON)
                .put("count", 0)
                .put("generation", generation)
                .put("machine", machine.identity())
                .put(
                        "message",
                        "last heard of at " + lastHeard + "; now " + machine + " asks, generation " + generation);
        return question.put(spec, owner);
    }

    /** An approval is good for one renewal. */
    void close() {
        question.close();
    }
}
