package dev.selvage.hub;

import dev.selvage.identity.Question;
import dev.selvage.model.Kinds;
import dev.selvage.model.NodeRequest;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.util.HashSet;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The NodeRequest about one node's held deletions, and the Events that go with it. Every write may find the store unavailable. */
final class DeletionRequest {
    private static final Logger LOG = LoggerFactory.getLogger(DeletionRequest.class);

    private final String node;
    private final Resources resources;
    private final Question question;

    DeletionRequest(String node, Resources resources) {
        this.node = node;
        this.resources = resources;
        this.question = new Question(resources, node, NodeRequest.RELEASE_DELETIONS);
    }

    String name() {
        return question.key().name();
    }

    Optional<NodeRequest> read() {
        return question.read().map(Stored::parse).map(NodeRequest::of);
    }

    /**
     * Makes the store's request this one. One that asks for less keeps its decision; one that asks for more is made anew, so that no decision covers what the
     * administrator has not seen.
     *
     * @return whether it is a new question
     */
    boolean ask(NodeRequest wanted) {
        Optional<Stored> present = question.read();
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
                resources.mutate(question.key(), object -> {
                    object.set("spec", wanted.spec());
                    return object;
                });
                return false;
            }
            question.remove(present.get());
        }
        return question.put(wanted.spec(), owner.get());
    }

    private static boolean covers(NodeRequest before, NodeRequest wanted) {
        return before.incarnation().equals(wanted.incarnation())
                && before.nodeIncarnation().equals(wanted.nodeIncarnation())
                && before.count() >= wanted.count()
                && new HashSet<>(before.objects()).containsAll(wanted.objects());
    }

    /** There is nothing to decide any more. */
    void close() {
        question.close();
    }

    /** An Event on the Node. */
    void tell(boolean warning, String reason, String message) {
        NodeEvents.tell(resources, node, warning, reason, message);
    }
}
