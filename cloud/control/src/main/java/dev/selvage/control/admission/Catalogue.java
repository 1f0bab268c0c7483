package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The other objects that a check looks at, and what the checks have in common. */
final class Catalogue {
    private final Resources resources;

    Catalogue(Resources resources) {
        this.resources = resources;
    }

    Optional<ObjectNode> model(String name) {
        return resources.get(ObjectKey.cluster(Kinds.DEVICE_MODEL, name)).map(Stored::parse);
    }

    List<ObjectNode> all(Kind kind) {
        return resources.list(Selection.all(kind)).stream().map(Stored::parse).toList();
    }

    List<ObjectNode> in(Kind kind, String namespace) {
        return resources.list(Selection.in(kind, namespace)).stream()
                .map(Stored::parse)
                .toList();
    }

    /**
     * The object to check, where a write declares something new. Empty for statuses and deletions, for an object on its
     * way out, and for an update of annotations only: what a later change elsewhere made wrong must stay editable.
     */
    static Optional<ObjectNode> declared(Admission.Request request) {
        ObjectNode object = request.object();
        boolean write =
                request.operation() == Admission.Operation.CREATE || request.operation() == Admission.Operation.UPDATE;
        if (!write || object == null || Meta.deleting(object)) {
            return Optional.empty();
        }
        ObjectNode old = request.old();
        boolean same = old != null
                && old.path("spec").equals(object.path("spec"))
                && Meta.labels(old).equals(Meta.labels(object));
        return same ? Optional.empty() : Optional.of(object);
    }

    static String name(ObjectNode object) {
        return Meta.namespace(object) + "/" + Meta.name(object);
    }

    /**
     * Whether a Stream reads a DeviceModel: by its plan where that is of this generation; a Stream of this moment has
     * none, and then only its text can tell that it does not.
     */
    static boolean mayRead(ObjectNode stream, String model) {
        String planned = Json.textAt(stream, "status", "plan", "model");
        boolean current = Json.at(stream, "status", "observedGeneration").asLong(-1) == Meta.generation(stream);
        return (current && !planned.isEmpty())
                ? planned.equals(model)
                : Json.textAt(stream, "spec", "sql").contains(model);
    }

    static boolean writesProperties(ObjectNode stream) {
        return Json.at(stream, "spec", "sink", "property").isObject();
    }

    static boolean usesModel(ObjectNode device, String model) {
        return Json.textAt(device, "spec", "model").equals(model);
    }

    /** @throws AdmissionDenied 422 naming each field, where there are errors */
    static void require(List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw new AdmissionDenied(
                    422, errors.stream().map(FieldError::toString).collect(Collectors.joining("; ")), errors);
        }
    }
}
