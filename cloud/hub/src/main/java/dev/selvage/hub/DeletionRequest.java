package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.NodeRequest;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.DeleteOptions.Propagation;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The NodeRequest about one node's held deletions, and the Events that go with it. Every write may find the store unavailable. */
final class DeletionRequest {
    private static final Logger LOG = LoggerFactory.getLogger(DeletionRequest.class);

    private final String node;
    private final Resources resources;
    private final ObjectKey key;

    DeletionRequest(String node, Resources resources) {
        this.node = node;
        this.resources = resources;
        this.key = NodeRequest.key(node, NodeRequest.RELEASE_DELETIONS);
    }

    String name() {
        return key.name();
    }

    Optional<NodeRequest> read() {
        return resources.get(key).map(Stored::parse).map(NodeRequest::of);
    }

    /**
     * Makes the store's request this one. One that asks for less keeps its decision; one that asks for more is made anew, so that no decision covers what the
     * administrator has not seen.
     *
     * @return whether it is a new question
     */
    boolean ask(NodeRequest wanted) {
        Optional<Stored> present = resources.get(key);
        Optional<Stored> owner = resources.get(ObjectKey.cluster(Kinds.NODE, node));
        if (owner.isEmpty()) {
            LOG.warn("node {} has no Node object: nobody can be asked about its deletions, which stay held", node);
            return false;
        }
        if (present.isPresent()) {
            NodeRequest before = NodeRequest.of(present.get().parse());
            if (before.spec().equals(wanted.spec())) {
                return false;
            }
            if (covers(before, wanted)) {
                resources.mutate(key, object -> {
                    object.set("spec", wanted.spec());
                    return object;
                });
                return false;
            }
            remove(present.get());
        }
        return create(wanted, owner.get());
    }

    private static boolean covers(NodeRequest before, NodeRequest wanted) {
        return before.incarnation().equals(wanted.incarnation())
                && before.nodeIncarnation().equals(wanted.nodeIncarnation())
                && before.count() >= wanted.count()
                && new HashSet<>(before.objects()).containsAll(wanted.objects());
    }

    private boolean create(NodeRequest wanted, Stored owner) {
        ObjectNode object =
                Json.object().put("apiVersion", Kinds.NODE_REQUEST.apiVersion()).put("kind", Kinds.NODE_REQUEST.kind());
        ObjectNode metadata = object.putObject("metadata").put("name", key.name());
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", Kinds.NODE.apiVersion())
                .put("kind", Kinds.NODE.kind())
                .put("name", node)
                .put("uid", owner.uid());
        object.set("spec", wanted.spec());
        Outcome outcome = resources.create(object);
        if (outcome instanceof Outcome.Invalid(String message)) {
            LOG.warn("the request about deletions on node {} was not stored: {}", node, message);
        }
        if (!(outcome instanceof Outcome.Committed)) {
            return false; // one that another hub made meanwhile is looked at when its event comes
        }
        resources.mutateStatus(key, made -> {
            if (Json.textAt(made, "status", "state").isEmpty()) {
                NodeRequest.decide(made, NodeRequest.State.PENDING, "", Instant.now());
            }
            return made;
        });
        return true;
    }

    /** There is nothing to decide any more. */
    void close() {
        resources.get(key).ifPresent(this::remove);
    }

    private void remove(Stored stored) {
        resources.delete(
                key, new DeleteOptions(stored.uid(), stored.revision(), Propagation.BACKGROUND, null, false, false));
    }

    /** An Event on the Node. */
    void tell(boolean warning, String reason, String message) {
        NodeEvents.tell(resources, node, warning, reason, message);
    }
}
