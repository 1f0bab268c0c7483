package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;
import dev.selvage.workloads.PodListener;

/** What pods tell goes to the centre. */
record PodReports(Statuses statuses) implements PodListener {
    @Override
    public void status(ObjectKey key, String uid, ObjectNode status) {
        statuses.report(key, uid, status);
    }

    @Override
    public void gone(ObjectKey key, String uid) {
        statuses.gone(key, uid);
    }

    @Override
    public void event(ObjectKey key, String uid, String type, String reason, String message) {
        statuses.event(key, uid, type, reason, message);
    }
}
