package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.CronRuns;
import dev.selvage.model.InvalidObjectException;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Stored;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Who keeps a CronJob's schedule: the node that it is bound to, if that node can, and nothing stands against the pods that it would make without asking; else the
 * centre.
 */
final class CronKeepers {
    private final Informer nodes;
    private final Admission admission;
    private final Map<String, Boolean> able = new ConcurrentHashMap<>();

    /** @param admission what the API would check of a pod */
    CronKeepers(Informers informers, Admission admission) {
        this.nodes = informers.of(Kinds.NODE);
        this.admission = admission;
    }

    /** Hears the names of nodes that can keep schedules from now on, or can no longer. */
    void listen(Consumer<String> changed) {
        nodes.listen(change -> took(change, changed));
    }

    private void took(Change change, Consumer<String> changed) {
        String node = change.key().name();
        boolean now = change.object().map(CronKeepers::able).orElse(false);
        Boolean before = now ? able.put(node, true) : able.remove(node);
        if (now != (before != null)) {
            changed.accept(node);
        }
    }

    private static boolean able(ObjectNode node) {
        return Json.at(node, "status", CronRuns.FEATURES, CronRuns.FEATURE).asBoolean(false);
    }

    /** The node's name, "" for the centre. */
    String of(ObjectNode cronJob) {
        return CronRuns.boundTo(cronJob)
                .filter(node -> nodes.get(ObjectKey.cluster(Kinds.NODE, node))
                        .map(Stored::parse)
                        .filter(CronKeepers::able)
                        .isPresent())
                .filter(node -> admitted(cronJob, node))
                .orElse("");
    }

    /** Where a rule stands against the pods the centre makes the Jobs, and these tell why they have no pods. */
    private boolean admitted(ObjectNode cronJob, String node) {
        try {
            ObjectNode pod = CronRuns.pod(CronRuns.job(cronJob, Instant.EPOCH, node), 0);
            ObjectKey key = ObjectKey.of(Kinds.POD, Meta.namespace(cronJob), Meta.name(pod));
            admission.admit(new Admission.Request(
                    Admission.Operation.CREATE, Kinds.POD, key, null, pod, "system:controller", false));
            return true;
        } catch (AdmissionDenied | InvalidObjectException | IllegalArgumentException e) {
            return false;
        }
    }
}
