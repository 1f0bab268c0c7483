package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.PriorityClass;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Gives each pod the priority of its class, and keeps one class the default (upstream's admission plugin Priority).
 * Numbers that a pod brings itself are refused unless they are the class's.
 */
final class PriorityAdmission implements Admission {
    private final Resources resources;

    PriorityAdmission(Resources resources) {
        this.resources = resources;
    }

    @Override
    public void admit(Request request) {
        ObjectNode object = request.object();
        boolean write = request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
        if (object == null || !write) {
            return;
        }
        if (request.kind().equals(Kinds.POD) && request.operation() == Operation.CREATE) {
            pod(Json.child(object, "spec"));
        } else if (request.kind().equals(Kinds.PRIORITY_CLASS)
                && PriorityClass.of(object).globalDefault()) {
            requireOnly(Meta.name(object));
        }
    }

    private void pod(ObjectNode spec) {
        String name = Json.textAt(spec, "priorityClassName");
        PriorityClass priority = name.isEmpty() ? defaultClass() : named(name);
        if (name.isEmpty() && !priority.name().isEmpty()) {
            spec.put("priorityClassName", priority.name());
        }
        if (spec.hasNonNull("priority") && spec.path("priority").asLong() != priority.value()) {
            throw denied("the integer value of priority ("
                    + spec.path("priority").asLong()
                    + ") must not be provided in pod spec; priority admission controller computed " + priority.value()
                    + " from the given PriorityClass name");
        }
        spec.put("priority", priority.value());
        String policy = Json.textAt(spec, "preemptionPolicy");
        if (!policy.isEmpty() && !policy.equals(priority.preemptionPolicy())) {
            throw denied("the string value of PreemptionPolicy (" + policy
                    + ") must not be provided in pod spec; priority admission controller computed "
                    + priority.preemptionPolicy() + " from the given PriorityClass name");
        }
        spec.put("preemptionPolicy", priority.preemptionPolicy());
    }

    private PriorityClass named(String name) {
        Optional<PriorityClass> found = resources
                .get(ObjectKey.cluster(Kinds.PRIORITY_CLASS, name))
                .map(Stored::parse)
                .map(PriorityClass::of);
        Integer system = PriorityClass.SYSTEM.get(name); // known before the centre has written them down
        return found.or(() -> Optional.ofNullable(system)
                        .map(value -> new PriorityClass(name, value, false, PriorityClass.PREEMPT)))
                .orElseThrow(() -> denied("no PriorityClass with name " + name + " was found"));
    }

    /** Of several, which two writers at once could make, the lowest counts; without any, priority 0. */
    private PriorityClass defaultClass() {
        return defaults()
                .min(Comparator.comparingInt(PriorityClass::value).thenComparing(PriorityClass::name))
                .orElse(new PriorityClass("", 0, true, PriorityClass.PREEMPT));
    }

    private void requireOnly(String name) {
        defaults().filter(other -> !other.name().equals(name)).findFirst().ifPresent(other -> {
            throw denied("PriorityClass " + other.name() + " is already marked as default. Only one default can exist");
        });
    }

    private Stream<PriorityClass> defaults() {
        return resources.list(Selection.all(Kinds.PRIORITY_CLASS)).stream()
                .map(stored -> PriorityClass.of(stored.parse()))
                .filter(PriorityClass::globalDefault);
    }

    private static AdmissionDenied denied(String message) {
        return new AdmissionDenied(403, message, List.of());
    }
}
