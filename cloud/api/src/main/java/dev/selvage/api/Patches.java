package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.time.Duration;
import java.util.List;

/** PATCH in its three forms; a patch without resourceVersion is applied again when somebody else wrote meanwhile. */
final class Patches {
    private static final int ATTEMPTS = 5;
    private static final Duration CATCH_UP = Duration.ofSeconds(2);

    private final Resources resources;
    private final Schemas schemas;
    private final Intake intake;
    private final Writes writes;

    Patches(Resources resources, Schemas schemas, Intake intake, Writes writes) {
        this.resources = resources;
        this.schemas = schemas;
        this.intake = intake;
        this.writes = writes;
    }

    void patch(Exchange exchange, Target target) {
        boolean dryRun = Writes.dryRun(exchange, "");
        String type = exchange.contentType();
        refuseUnsupported(type, target);
        BodyParser.Parsed patch = BodyParser.json(exchange.body());
        if (!type.equals("application/json-patch+json") && !patch.tree().isObject()) {
            throw ApiFailure.badRequest("a patch of this type must be a JSON object");
        }
        for (int attempt = 1; ; attempt++) {
            Stored current = resources.get(target.key()).orElseThrow(() -> ApiFailure.notFound(target));
            ObjectNode old = current.parse();
            ObjectNode patched = apply(type, current.parse(), patch.tree().deepCopy(), target);
            boolean unconditional = Meta.resourceVersion(patched).equals(Meta.resourceVersion(old));
            check(exchange, target, old, patched, patch.duplicates());
            Outcome outcome = writes.put(exchange, target, old, patched, dryRun);
            if (outcome instanceof Outcome.Conflict && unconditional && attempt < ATTEMPTS) {
                resources.freshen(CATCH_UP); // another server wrote it, and this one has not heard yet
                continue;
            }
            Stored stored = Outcomes.success(target, outcome);
            Audit.write(exchange.caller(), "patch", target, dryRun, 200);
            Writes.answer(exchange, 200, stored);
            return;
        }
    }

    private void refuseUnsupported(String type, Target target) {
        boolean strategic = type.equals("application/strategic-merge-patch+json");
        if (type.equals("application/apply-patch+yaml") || type.equals("application/apply-patch+cbor")) {
            throw ApiFailure.unsupportedMediaType(
                    "server-side apply is not served; use client-side apply (kubectl apply without --server-side)");
        }
        boolean known =
                strategic || type.equals("application/merge-patch+json") || type.equals("application/json-patch+json");
        if (!known || (strategic && !schemas.builtIn(target.kind()))) {
            throw ApiFailure.unsupportedMediaType(
                    "the body of the request was in an unknown format - accepted media types include:"
                            + " application/json-patch+json, application/merge-patch+json"
                            + (schemas.builtIn(target.kind()) ? ", application/strategic-merge-patch+json" : ""));
        }
    }

    private ObjectNode apply(String type, ObjectNode document, JsonNode patch, Target target) {
        JsonNode result = switch (type) {
            case "application/json-patch+json" -> JsonPatch.apply(document, patch);
            case "application/merge-patch+json" -> MergePatch.apply(document, patch);
            default ->
                new StrategicMergePatch(schemas.definitions())
                        .apply(document, (ObjectNode) patch, schemas.schema(target.kind()));
        };
        if (!(result instanceof ObjectNode object) || !(object.get("metadata") instanceof ObjectNode)) {
            throw ApiFailure.badRequest("the patch leaves no object with metadata");
        }
        return object;
    }

    private void check(Exchange exchange, Target target, ObjectNode old, ObjectNode patched, List<String> duplicates) {
        if (!Json.textAt(patched, "apiVersion").equals(Json.textAt(old, "apiVersion"))
                || !Json.textAt(patched, "kind").equals(Json.textAt(old, "kind"))) {
            throw ApiFailure.badRequest("a patch cannot change apiVersion or kind");
        }
        intake.strict(exchange, target.kind(), patched, duplicates);
        Intake.identify(patched, target);
        if (!Meta.uid(patched).equals(Meta.uid(old))) {
            throw ApiFailure.conflict(
                    target,
                    "Precondition failed: UID in precondition: " + Meta.uid(patched) + ", UID in object meta: "
                            + Meta.uid(old));
        }
    }
}
