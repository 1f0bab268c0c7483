package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.model.PriorityClass;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules of a PriorityClass (k8s.io/kubernetes/pkg/apis/scheduling/validation). */
final class PriorityClassRules {
    private static final List<String> POLICIES = List.of("Never", "PreemptLowerPriority");

    private final List<Problem> problems;

    PriorityClassRules(List<Problem> problems) {
        this.problems = problems;
    }

    void check(ObjectNode object, @Nullable ObjectNode old) {
        String name = Meta.name(object);
        long value = object.path("value").asLong(0);
        if (name.startsWith(PriorityClass.SYSTEM_PREFIX)) {
            if (!PriorityClass.isSystem(name, value)) {
                problems.add(Problem.forbidden(
                        "metadata.name",
                        "priority class names with '" + PriorityClass.SYSTEM_PREFIX
                                + "' prefix are reserved for system use only. error: " + name
                                + " is not a known system priority class"));
            }
        } else if (value > PriorityClass.HIGHEST) {
            problems.add(Problem.forbidden(
                    "value", "maximum allowed value of a user defined priority is " + PriorityClass.HIGHEST));
        }
        String policy = Json.textAt(object, "preemptionPolicy");
        if (!policy.isEmpty() && !POLICIES.contains(policy)) {
            problems.add(Problem.unsupported("preemptionPolicy", object.path("preemptionPolicy"), POLICIES));
        }
        if (old != null) {
            if (value != old.path("value").asLong(0)) {
                problems.add(Problem.forbidden("value", "may not be changed in an update."));
            }
            if (!policy.equals(Json.textAt(old, "preemptionPolicy"))) {
                problems.add(Problem.invalid("preemptionPolicy", policy, "field is immutable"));
            }
        }
    }
}
