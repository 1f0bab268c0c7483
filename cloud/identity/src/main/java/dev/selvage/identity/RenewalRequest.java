package dev.selvage.identity;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.NodeRequest;
import dev.selvage.model.NodeRequest.State;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.DeleteOptions.Propagation;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.time.Instant;
import java.util.Optional;

/** The NodeRequest by which a node that was away for too long asks to be a node again. */
final class RenewalRequest {
    private static final String REASON = "OfflineTooLong";

    private final Resources resources;
    private final String node;
    private final ObjectKey key;

    RenewalRequest(Resources resources, String node) {
        this.resources = resources;
        this.node = node;
        this.key = NodeRequest.key(node, NodeRequest.RENEW_IDENTITY);
    }

    String name() {
        return key.name();
    }

    /** What was decided, and whether the question was put just now. */
    record Decision(State state, String by, boolean anew) {}

    /**
     * The decision about this question. One that another machine put, or that was about another generation, is put anew: no decision covers what the administrator
     * has not seen.
     */
    Decision decision(long generation, Machine machine, Stored owner, Instant lastHeard) {
        Optional<Stored> present = resources.get(key);
        if (present.isPresent()) {
            ObjectNode object = present.get().parse();
            if (Json.at(object, "spec", "generation").asLong() == generation
                    && Json.textAt(object, "spec", "machine").equals(machine.identity())) {
                NodeRequest request = NodeRequest.of(object);
                return new Decision(request.state(), request.decidedBy(), false);
            }
            remove(present.get());
        }
        boolean created = create(generation, machine, owner, lastHeard);
        return new Decision(State.PENDING, "", created);
    }

    private boolean create(long generation, Machine machine, Stored owner, Instant lastHeard) {
        ObjectNode object =
                Json.object().put("apiVersion", Kinds.NODE_REQUEST.apiVersion()).put("kind", Kinds.NODE_REQUEST.kind());
        ObjectNode metadata = Meta.of(object).put("name", key.name());
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", Kinds.NODE.apiVersion())
                .put("kind", Kinds.NODE.kind())
                .put("name", node)
                .put("uid", owner.uid());
        object.putObject("spec")
                .put("nodeName", node)
                .put("type", NodeRequest.RENEW_IDENTITY)
                .put("reason", REASON)
                .put("count", 0)
                .put("generation", generation)
                .put("machine", machine.identity())
                .put(
                        "message",
                        "last heard of at " + lastHeard + "; now " + machine + " asks, generation " + generation);
        if (!(resources.create(object) instanceof Outcome.Committed)) {
            return false; // another server asked a moment before
        }
        resources.mutateStatus(key, made -> {
            if (Json.textAt(made, "status", "state").isEmpty()) {
                NodeRequest.decide(made, State.PENDING, "", Instant.now());
            }
            return made;
        });
        return true;
    }

    /** An approval is good for one renewal. */
    void close() {
        resources.get(key).ifPresent(this::remove);
    }

    private void remove(Stored stored) {
        resources.delete(
                key, new DeleteOptions(stored.uid(), stored.revision(), Propagation.BACKGROUND, null, false, false));
    }
}
