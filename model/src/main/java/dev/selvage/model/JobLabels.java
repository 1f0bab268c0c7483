package dev.selvage.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;

/** The selector and labels that every Job gets, so that no two Jobs take each other's pods (upstream batch/v1). */
public final class JobLabels {
    public static final String UID = "batch.kubernetes.io/controller-uid";
    public static final String NAME = "batch.kubernetes.io/job-name";
    public static final String INDEX = "batch.kubernetes.io/job-completion-index";
    /** Annotation of a pod under a limit per index: how often its index had failed before it. */
    public static final String INDEX_FAILURES = "batch.kubernetes.io/job-index-failure-count";
    /** Annotation as {@link #INDEX_FAILURES}: failures that the failure policy ignores; absent for none. */
    public static final String IGNORED_FAILURES = "batch.kubernetes.io/job-index-ignored-failure-count";
    /** The finalizer that keeps a pod until it has been counted. */
    public static final String TRACKING = "batch.kubernetes.io/job-tracking";

    private static final String LEGACY_UID = "controller-uid";
    private static final String LEGACY_NAME = "job-name";

    private JobLabels() {}

    /**
     * Gives a Job that is about to be created its uid, and a selector by it unless {@code manualSelector} says that it has its own
     * (k8s.io/kubernetes/pkg/registry/batch/job, generateSelector). A Job without a name is left for when it has one.
     */
    public static void generate(ObjectNode job) {
        ObjectNode spec = Json.child(job, "spec");
        if (Meta.name(job).isEmpty()) {
            return;
        }
        if (Meta.uid(job).isEmpty()) {
            Meta.of(job).put("uid", UUID.randomUUID().toString());
        }
        ObjectNode labels = Json.child(Json.child(Json.child(spec, "template"), "metadata"), "labels");
        if (!spec.path("manualSelector").asBoolean(false)) {
            absent(labels, LEGACY_NAME, Meta.name(job));
            absent(labels, NAME, Meta.name(job));
            absent(labels, LEGACY_UID, Meta.uid(job));
            absent(labels, UID, Meta.uid(job));
            absent(Json.child(Json.child(spec, "selector"), "matchLabels"), UID, Meta.uid(job));
        }
        if (Meta.labels(job).isEmpty() && !labels.isEmpty()) {
            Meta.of(job).set("labels", labels.deepCopy());
        }
    }

    /** The labels that a generated selector's template carries. */
    public static ObjectNode expected(ObjectNode job) {
        return Json.object()
                .put(LEGACY_UID, Meta.uid(job))
                .put(LEGACY_NAME, Meta.name(job))
                .put(UID, Meta.uid(job))
                .put(NAME, Meta.name(job));
    }

    private static void absent(ObjectNode object, String field, String value) {
        if (!object.has(field)) {
            object.put(field, value);
        }
    }
}
