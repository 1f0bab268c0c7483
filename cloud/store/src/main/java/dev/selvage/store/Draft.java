package dev.selvage.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What an object becomes by a write: the meaning of Kubernetes' verbs, without any input or output. */
final class Draft {
    /** Metadata that the system owns: whatever a replacement says of it, it stays. */
    private static final List<String> SYSTEM_METADATA = List.of(
            "uid",
            "creationTimestamp",
            "generation",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generateName");

    private static final Set<String> OUTSIDE_SPEC = Set.of("apiVersion", "kind", "metadata", "status");
    private static final long DEFAULT_GRACE_SECONDS = 30;

    /** What to do about an object. */
    sealed interface Plan {
        record Put(ObjectNode object) implements Plan {}

        /** Remove it; {@code object} is its last state. */
        record Remove(ObjectNode object) implements Plan {}

        record Nothing() implements Plan {}

        record Refuse(String reason) implements Plan {}
    }

    private Draft() {}

    static ObjectNode created(Kind kind, ObjectNode body) {
        ObjectNode object = body.deepCopy();
        ObjectNode metadata = Meta.of(object);
        metadata.remove(List.of("resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"));
        if (Meta.uid(object).isEmpty()) { // a Job's labels name its uid, so whoever makes one chooses it
            metadata.put("uid", UUID.randomUUID().toString());
        }
        metadata.put("creationTimestamp", now(0));
        metadata.remove("generation");
        if (kind.status()) {
            metadata.put("generation", 1);
            initialStatus(kind, object);
        }
        return object;
    }

    private static void initialStatus(Kind kind, ObjectNode object) {
        if (kind.equals(Kinds.NODE)) {
            return; // registers with the status that it has
        }
        object.remove("status");
        if (kind.equals(Kinds.POD)) {
            object.putObject("status").put("phase", "Pending");
        } else if (kind.equals(Kinds.NAMESPACE)) {
            ObjectNode spec = Json.child(object, "spec");
            if (!spec.has("finalizers")) {
                spec.putArray("finalizers").add("kubernetes");
            }
            object.putObject("status").put("phase", "Active");
        }
    }

    /** Everything but the status; taking the last finalizer from an object that is being deleted removes it. */
    static Plan replaced(Kind kind, ObjectNode current, ObjectNode body) {
        ObjectNode object = body.deepCopy();
        if (kind.status()) {
            copy(current, object, "status");
        }
        return plan(kind, current, object);
    }

    /** As {@link #replaced}, with the status of {@code body}. */
    static Plan wholeReplaced(Kind kind, ObjectNode current, ObjectNode body) {
        return plan(kind, current, body.deepCopy());
    }

    private static Plan plan(Kind kind, ObjectNode current, ObjectNode object) {
        ObjectNode metadata = Meta.of(object);
        metadata.remove(List.of("resourceVersion", "selfLink"));
        SYSTEM_METADATA.forEach(field -> copy(Meta.of(current), metadata, field));
        if (Meta.deleting(current)) {
            List<String> kept = Meta.finalizers(current);
            List<String> added = Meta.finalizers(object).stream()
                    .filter(finalizer -> !kept.contains(finalizer))
                    .toList();
            if (!added.isEmpty()) {
                return new Plan.Refuse("metadata.finalizers: found " + added
                        + ": no new finalizers can be added if the object is being deleted");
            }
        }
        if (kind.status() && specChanged(current, object)) {
            metadata.put("generation", Meta.generation(current) + 1);
        }
        if (same(current, object)) {
            return new Plan.Nothing();
        }
        return Meta.deleting(object) && free(kind, object) ? new Plan.Remove(object) : new Plan.Put(object);
    }

    static Plan statusReplaced(Kind kind, ObjectNode current, ObjectNode body) {
        if (!kind.status()) {
            return new Plan.Refuse(kind.kind() + " has no status subresource");
        }
        ObjectNode object = current.deepCopy();
        copy(body, object, "status");
        return same(current, object) ? new Plan.Nothing() : new Plan.Put(object);
    }

    static Plan deleted(Kind kind, ObjectNode current, DeleteOptions options) {
        ObjectNode object = current.deepCopy();
        ObjectNode metadata = Meta.of(object);
        addPropagationFinalizer(metadata, Meta.finalizers(object), options.propagation());
        long grace = graceSeconds(kind, current, options);
        boolean sooner = grace < metadata.path("deletionGracePeriodSeconds").asLong(Long.MAX_VALUE);
        if (!Meta.deleting(current) || sooner) {
            metadata.put("deletionTimestamp", now(grace));
            metadata.put("deletionGracePeriodSeconds", grace);
        }
        if (kind.equals(Kinds.NAMESPACE)) {
            Json.child(object, "status").put("phase", "Terminating");
            if (options.now()) {
                Json.child(object, "spec").remove("finalizers");
            }
        }
        if (free(kind, object)) {
            return new Plan.Remove(object);
        }
        if (Meta.deleting(current) && same(current, object)) {
            return new Plan.Nothing();
        }
        if (kind.status() && !Meta.deleting(current)) {
            // upstream's BeforeDelete: observers that wait for the generation learn of the deletion
            metadata.put("generation", Meta.generation(current) + 1);
        }
        return new Plan.Put(object);
    }

    /** Nothing holds the object: no finalizer, no grace that runs. */
    private static boolean free(Kind kind, ObjectNode object) {
        boolean namespaceHeld = kind.equals(Kinds.NAMESPACE)
                && !Json.at(object, "spec", "finalizers").isEmpty();
        return !namespaceHeld
                && Meta.finalizers(object).isEmpty()
                && Json.at(object, "metadata", "deletionGracePeriodSeconds").asLong(0) == 0;
    }

    /** Only a pod that is bound to a node has a grace: its node must confirm that it has ended. */
    private static long graceSeconds(Kind kind, ObjectNode current, DeleteOptions options) {
        if (!kind.equals(Kinds.POD)
                || options.now()
                || Json.textAt(current, "spec", "nodeName").isEmpty()) {
            return 0;
        }
        @Nullable Long asked = options.graceSeconds();
        long own = Json.at(current, "spec", "terminationGracePeriodSeconds").asLong(DEFAULT_GRACE_SECONDS);
        // a pod whose own grace is 0 still waits for its node: only the caller's 0 says not to
        return asked != null ? Math.max(0, asked) : Math.max(1, own);
    }

    private static void addPropagationFinalizer(
            ObjectNode metadata, List<String> present, DeleteOptions.Propagation propagation) {
        String finalizer = switch (propagation) {
            case BACKGROUND -> "";
            case FOREGROUND -> "foregroundDeletion";
            case ORPHAN -> "orphan";
        };
        if (!finalizer.isEmpty() && !present.contains(finalizer)) {
            ArrayNode finalizers = metadata.withArray("finalizers");
            finalizers.add(finalizer);
        }
    }

    private static boolean specChanged(ObjectNode current, ObjectNode object) {
        return !Json.same(withoutFields(current), withoutFields(object));
    }

    private static ObjectNode withoutFields(ObjectNode object) {
        ObjectNode rest = object.objectNode();
        object.properties().forEach(field -> {
            if (!OUTSIDE_SPEC.contains(field.getKey())) {
                rest.set(field.getKey(), field.getValue());
            }
        });
        return rest;
    }

    /** Equal but for the resourceVersion, which the draft does not carry. */
    private static boolean same(ObjectNode current, ObjectNode object) {
        ObjectNode left = current.deepCopy();
        Meta.of(left).remove("resourceVersion");
        ObjectNode right = object.deepCopy();
        Meta.of(right).remove("resourceVersion");
        return Json.same(left, right);
    }

    private static void copy(ObjectNode from, ObjectNode to, String field) {
        @Nullable JsonNode value = from.get(field);
        if (value == null) {
            to.remove(field);
        } else {
            to.set(field, value.deepCopy());
        }
    }

    /** Kubernetes keeps whole seconds. */
    private static String now(long plusSeconds) {
        return Instant.now()
                .plusSeconds(plusSeconds)
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
    }
}
