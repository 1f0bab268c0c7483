package dev.selvage.identity;

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
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One question about a node that an administrator decides, kept as a NodeRequest. Each method may find the store unavailable. */
public final class Question {
    private static final Logger LOG = LoggerFactory.getLogger(Question.class);

    private final Resources resources;
    private final String node;
    private final ObjectKey key;

    /** @param type a type of {@link NodeRequest}, as {@link NodeRequest#RENEW_IDENTITY} */
    public Question(Resources resources, String node, String type) {
        this.resources = resources;
        this.node = node;
        this.key = NodeRequest.key(node, type);
    }

    public ObjectKey key() {
        return key;
    }

    public Optional<Stored> read() {
        return resources.get(key);
    }

    /**
     * Puts the question; its state is Pending.
     *
     * @param owner the Node, with which the question goes
     * @return false when it is there already, since another server asked a moment before, or was not stored
     */
    public boolean put(ObjectNode spec, Stored owner) {
        ObjectNode object =
                Json.object().put("apiVersion", Kinds.NODE_REQUEST.apiVersion()).put("kind", Kinds.NODE_REQUEST.kind());
        ObjectNode metadata = object.putObject("metadata").put("name", key.name());
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", Kinds.NODE.apiVersion())
                .put("kind", Kinds.NODE.kind())
                .put("name", node)
                .put("uid", owner.uid());
        object.set("spec", spec);
        Outcome outcome = resources.create(object);
        if (outcome instanceof Outcome.Invalid(String message)) {
            LOG.warn("{} was not stored: {}", key, message);
        }
        if (!(outcome instanceof Outcome.Committed)) {
            return false;
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
    public void close() {
        read().ifPresent(this::remove);
    }

    /** Removes this version of the question, no later one. */
    public void remove(Stored stored) {
        resources.delete(
                key, new DeleteOptions(stored.uid(), stored.revision(), Propagation.BACKGROUND, null, false, false));
    }
}
