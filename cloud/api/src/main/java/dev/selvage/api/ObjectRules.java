package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the schema cannot say of an object: names, labels, immutability, and the rules of the built-in kinds. */
final class ObjectRules {
    private static final long MOST_DATA_BYTES = 1 << 20;
    private static final String POD_UPDATES =
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
                    + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                    + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    private final List<Problem> problems = new ArrayList<>();

    private ObjectRules() {}

    /** @param old the stored object for an update, null for a create */
    static List<Problem> check(Definitions definitions, Kind kind, ObjectNode object, @Nullable ObjectNode old) {
        ObjectRules rules = new ObjectRules();
        rules.metadata(kind, object);
        if (kind.equals(Kinds.POD)) {
            new PodRules(definitions, rules.problems, "spec").check((ObjectNode) object.path("spec"), old != null);
        } else if (WorkloadRules.covers(kind)) {
            new WorkloadRules(definitions, rules.problems).check(kind, object, old);
        } else if (kind.equals(Kinds.PRIORITY_CLASS)) {
            new PriorityClassRules(rules.problems).check(object, old);
        } else if (kind.equals(Kinds.JOB)) {
            new JobRules(definitions, rules.problems).check(object, old);
        } else if (kind.equals(Kinds.CRON_JOB)) {
            new CronJobRules(definitions, rules.problems).check(object, old);
        } else if (kind.equals(Kinds.CONFIG_MAP) || kind.equals(Kinds.SECRET)) {
            rules.data(object);
        } else if (kind.equals(Kinds.EVENT)) {
            rules.event(object);
        }
        if (old != null) {
            rules.update(kind, object, old);
        }
        return rules.problems;
    }

    private void metadata(Kind kind, ObjectNode object) {
        String name = Meta.name(object);
        String generate = Json.textAt(object, "metadata", "generateName");
        if (name.isEmpty() && generate.isEmpty()) {
            problems.add(Problem.required("metadata.name", "name or generateName is required"));
        }
        if (!name.isEmpty()) {
            (kind.equals(Kinds.NAMESPACE) ? Names.label(name) : Names.subdomain(name))
                    .ifPresent(text -> problems.add(Problem.invalid("metadata.name", name, text)));
        } else if (!generate.isEmpty()) {
            Names.subdomain(generate + "x")
                    .ifPresent(text -> problems.add(Problem.invalid("metadata.generateName", generate, text)));
        }
        Meta.labels(object).forEach((key, value) -> {
            Names.qualified(key).ifPresent(text -> problems.add(Problem.invalid("metadata.labels", key, text)));
            Names.labelValue(value).ifPresent(text -> problems.add(Problem.invalid("metadata.labels", value, text)));
        });
        Meta.annotations(object)
                .keySet()
                .forEach(key -> Names.qualified(key.toLowerCase(java.util.Locale.ROOT))
                        .ifPresent(text -> problems.add(Problem.invalid("metadata.annotations", key, text))));
        Names.annotationSize(Meta.annotations(object))
                .ifPresent(text -> problems.add(Problem.tooLong("metadata.annotations", text)));
        for (String finalizer : Meta.finalizers(object)) {
            Optional<String> wrong = Names.qualified(finalizer);
            wrong.ifPresent(text -> problems.add(Problem.invalid("metadata.finalizers", finalizer, text)));
        }
    }

    private void data(ObjectNode object) {
        long size = 0;
        for (String field : List.of("data", "binaryData")) {
            for (var entry : object.path(field).properties()) {
                size += entry.getValue().asText().length();
                Names.configKey(entry.getKey())
                        .ifPresent(text -> problems.add(
                                Problem.invalid(field + "[" + entry.getKey() + "]", entry.getKey(), text)));
            }
        }
        if (size > MOST_DATA_BYTES * 4 / 3) {
            problems.add(Problem.tooLong("data", "may not be more than " + MOST_DATA_BYTES + " bytes"));
        }
    }

    private void event(ObjectNode event) {
        String about = Json.textAt(event, "involvedObject", "namespace");
        String own = Meta.namespace(event);
        if (!about.equals(own) && !(about.isEmpty() && own.equals("default"))) {
            problems.add(Problem.invalid("involvedObject.namespace", about, "does not match event.namespace"));
        }
    }

    private void update(Kind kind, ObjectNode object, ObjectNode old) {
        if (kind.equals(Kinds.CONFIG_MAP) || kind.equals(Kinds.SECRET)) {
            if (old.path("immutable").asBoolean()) {
                if (!object.path("immutable").asBoolean()) {
                    problems.add(Problem.forbidden("immutable", "field is immutable when `immutable` is set"));
                }
                for (String field : List.of("data", "binaryData")) {
                    same(field, "field is immutable when `immutable` is set", object.path(field), old.path(field));
                }
            }
            if (kind.equals(Kinds.SECRET) && !object.path("type").equals(old.path("type"))) {
                problems.add(Problem.invalid("type", object.path("type"), "field is immutable"));
            }
        } else if (kind.equals(Kinds.CONTROLLER_REVISION)) {
            if (!object.path("data").equals(old.path("data"))) {
                problems.add(Problem.invalid("data", object.path("data"), "field is immutable"));
            }
        } else if (kind.equals(Kinds.POD)) {
            deadline(Json.at(object, "spec", "activeDeadlineSeconds"), Json.at(old, "spec", "activeDeadlineSeconds"));
            same("spec", POD_UPDATES, changeable(object), changeable(old));
        } else if (kind.equals(Kinds.NAMESPACE) && Meta.deleting(old) && !Meta.deleting(object)) {
            problems.add(Problem.forbidden("metadata.deletionTimestamp", "field is immutable"));
        }
    }

    /** It may be set, and made shorter (k8s.io/kubernetes/pkg/apis/core/validation, ValidatePodUpdate). */
    private void deadline(JsonNode found, JsonNode before) {
        String field = "spec.activeDeadlineSeconds";
        if (!found.isNumber()) {
            if (before.isNumber()) {
                problems.add(Problem.invalid(
                        field, NullNode.instance, "must not update from a positive integer to nil value"));
            }
        } else if (found.asLong() < 0 || found.asLong() > Integer.MAX_VALUE) {
            problems.add(Problem.invalid(field, found, "must be between 0 and 2147483647, inclusive"));
        } else if (before.isNumber() && before.asLong() < found.asLong()) {
            problems.add(Problem.invalid(field, found, "must be less than or equal to previous value"));
        }
    }

    private void same(String field, String rule, JsonNode found, JsonNode before) {
        JsonNode left = found.isEmpty() ? NullNode.instance : found;
        JsonNode right = before.isEmpty() ? NullNode.instance : before;
        if (!left.equals(right)) {
            problems.add(Problem.forbidden(field, rule));
        }
    }

    /** The spec without what an update may change. */
    private static JsonNode changeable(ObjectNode pod) {
        JsonNode spec = pod.path("spec").deepCopy();
        if (spec instanceof ObjectNode object) {
            object.remove(List.of("tolerations", "activeDeadlineSeconds"));
            for (String list : List.of("containers", "initContainers")) {
                object.path(list).forEach(c -> ((ObjectNode) c).remove(List.of("image", "imagePullPolicy")));
            }
        }
        return spec;
    }
}
