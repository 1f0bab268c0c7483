package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;

/** Hears what becomes of the CronJobs whose schedule the node keeps, and of their pods once the centre knows these. */
public interface CronListener {
    /** All runs that the node remembers of a CronJob (NodeRun.report), or the status of one of their pods. */
    void report(ObjectKey key, String uid, ObjectNode status);

    /**
     * Something worth an Event of the CronJob.
     *
     * @param type {@code Normal} or {@code Warning}
     */
    void event(ObjectKey key, String uid, String type, String reason, String message);

    /** Which pods shall run has changed. */
    void changed();
}
