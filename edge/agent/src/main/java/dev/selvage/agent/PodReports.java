package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;
import dev.selvage.workloads.BoundCronJobs;
import dev.selvage.workloads.PodListener;

/** What pods tell goes to the centre, once it knows them. */
record PodReports(Statuses statuses, BoundCronJobs cronJobs) implements PodListener {
    @Override
    public void status(ObjectKey key, String uid, ObjectNode status) {
        if (cronJobs.observed(uid, status)) {
            statuses.report(key, uid, status);
        }
    }

    @Override
    public void gone(ObjectKey key, String uid) {
        cronJobs.gone(uid);
        statuses.gone(key, uid);
    }

    @Override
    public void event(ObjectKey key, String uid, String type, String reason, String message) {
        statuses.event(key, uid, type, reason, message);
    }
}
