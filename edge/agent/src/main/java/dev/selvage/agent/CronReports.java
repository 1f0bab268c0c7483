package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;
import dev.selvage.workloads.CronListener;

/** What runs of CronJobs tell goes to the centre; the pods that they need go to the reconciler. */
record CronReports(Statuses statuses, Runnable changes) implements CronListener {
    @Override
    public void report(ObjectKey key, String uid, ObjectNode status) {
        statuses.report(key, uid, status);
    }

    @Override
    public void event(ObjectKey key, String uid, String type, String reason, String message) {
        statuses.event(key, uid, type, reason, message);
    }

    @Override
    public void changed() {
        changes.run();
    }
}
