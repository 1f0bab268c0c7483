package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Recorder;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.InvalidObjectException;
import dev.selvage.model.Kinds;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Outcome;
import java.util.ArrayList;
import java.util.List;

/** What the workload controllers do to pods: create, delete, adopt, release; each told in an event of the owner. */
final class PodWrites {
    /** A creation that was refused, in words for the owner's status. */
    static final class Refused extends RuntimeException {
        Refused(String message) {
            super(message, null, false, false);
        }
    }

    private final Writer writer;
    private final Recorder events;
    private final Admission admission;
    private final Adoption adoption;

    /** @param admission what the API would check of a pod */
    PodWrites(Writer writer, Recorder events, Admission admission) {
        this.writer = writer;
        this.events = events;
        this.admission = admission;
        this.adoption = new Adoption(writer);
    }

    /** @throws Refused when a rule stands against the pod; an event has told so */
    void create(ObjectNode owner, ObjectNode pod) {
        try {
            ObjectKey key = ObjectKey.of(Kinds.POD, Meta.namespace(owner), Meta.name(pod));
            admission.admit(new Admission.Request(
                    Admission.Operation.CREATE, Kinds.POD, key, null, pod, "system:controller", false));
        } catch (AdmissionDenied | InvalidObjectException e) {
            throw refused(owner, String.valueOf(e.getMessage()));
        }
        switch (writer.create(pod)) {
            case Outcome.Committed created ->
                events.record(
                        owner,
                        Recorder.Type.NORMAL,
                        "SuccessfulCreate",
                        "Created pod: " + created.stored().key().name());
            case Outcome.Invalid(String message) -> throw refused(owner, message);
            case Outcome.AlreadyExists _ -> {} // of the same name: an earlier attempt got through
            default -> throw new IllegalStateException("a pod of " + Meta.name(owner) + " could not be created");
        }
    }

    private Refused refused(ObjectNode owner, String message) {
        events.record(owner, Recorder.Type.WARNING, "FailedCreate", "Error creating: " + message);
        return new Refused(message);
    }

    void delete(ObjectNode owner, Replica pod) {
        if (writer.delete(pod.key(), DeleteOptions.ofUid(pod.uid())).succeeded()) {
            events.record(
                    owner,
                    Recorder.Type.NORMAL,
                    "SuccessfulDelete",
                    "Deleted pod: " + pod.key().name());
        }
    }

    /** The pods that the owner has after it has taken in those that fit its selector and let go of those that do not. */
    List<Replica> claim(ObjectNode owner, OwnerIndex<Replica> index) {
        LabelSelector selector = LabelSelector.fromJson(owner.path("spec").path("selector"));
        List<Replica> own = new ArrayList<>();
        for (Replica pod : index.of(Meta.uid(owner))) {
            if (selector.matches(pod.labels()) || pod.deleting()) {
                own.add(pod);
            } else {
                adoption.release(owner, pod);
            }
        }
        if (!Meta.deleting(owner)) {
            for (Replica pod : index.loose(Meta.namespace(owner))) {
                if (pod.active() && selector.matches(pod.labels()) && adoption.adopt(owner, pod)) {
                    own.add(pod);
                }
            }
        }
        return own;
    }
}
