package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;

/** Hears what becomes of pods. Called from the pods' threads, for one pod in order; must return soon and not throw. */
public interface PodListener {
    /** The pod's whole PodStatus (core/v1), whenever it differs from the one before, and once after a start of the agent. */
    void status(ObjectKey key, String uid, ObjectNode status);

    /** Nothing of the pod is left on this node. May come again after a crash. */
    void gone(ObjectKey key, String uid);

    /**
     * Something worth an Event (core/v1).
     *
     * @param type {@code Normal} or {@code Warning}
     */
    void event(ObjectKey key, String uid, String type, String reason, String message);
}
