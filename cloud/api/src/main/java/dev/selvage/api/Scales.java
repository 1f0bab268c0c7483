package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.util.List;
import java.util.TreeSet;

/** The subresource {@code scale} (autoscaling/v1 Scale): how many replicas there should be, apart from the rest of the object. */
final class Scales {
    static final String VERSION = "autoscaling/v1";
    private static final int ATTEMPTS = 5;

    private final Resources resources;
    private final Intake intake;
    private final Writes writes;

    Scales(Resources resources, Intake intake, Writes writes) {
        this.resources = resources;
        this.intake = intake;
        this.writes = writes;
    }

    static boolean scales(Kind kind) {
        return kind.equals(Kinds.DEPLOYMENT) || kind.equals(Kinds.REPLICA_SET);
    }

    void answer(Exchange exchange, Target target) {
        if (!scales(target.kind())) {
            throw ApiFailure.noSuchPath();
        }
        switch (exchange.method()) {
            case "GET" -> exchange.send(200, scale(current(target).parse()));
            case "PUT", "PATCH" -> write(exchange, target);
            default -> throw ApiFailure.methodNotAllowed();
        }
    }

    private Stored current(Target target) {
        return resources.get(target.key()).orElseThrow(() -> ApiFailure.notFound(target));
    }

    private void write(Exchange exchange, Target target) {
        boolean dryRun = Writes.dryRun(exchange, "");
        Target whole = new Target(target.kind(), target.namespace(), target.name(), "");
        JsonNode sent = exchange.method().equals("PUT")
                ? intake.body(exchange, "Scale")
                : BodyParser.json(exchange.body()).tree();
        for (int attempt = 1; ; attempt++) {
            ObjectNode old = current(target).parse();
            ObjectNode wanted = wanted(exchange, sent.deepCopy(), scale(old));
            String revision = Meta.resourceVersion(wanted);
            boolean unconditional = exchange.method().equals("PATCH") && revision.equals(Meta.resourceVersion(old));
            ObjectNode changed = old.deepCopy();
            Json.child(changed, "spec").put("replicas", replicas(whole, wanted));
            if (!revision.isEmpty()) {
                Meta.of(changed).put("resourceVersion", revision);
            }
            Outcome outcome = writes.put(exchange, whole, old, changed, dryRun);
            if (outcome instanceof Outcome.Conflict && unconditional && attempt < ATTEMPTS) {
                continue;
            }
            Stored stored = Outcomes.success(whole, outcome);
            Audit.write(exchange.caller(), exchange.method().equals("PUT") ? "update" : "patch", target, dryRun, 200);
            exchange.send(200, scale(stored.parse()));
            return;
        }
    }

    private static ObjectNode wanted(Exchange exchange, JsonNode sent, ObjectNode scale) {
        if (sent instanceof ObjectNode whole && exchange.method().equals("PUT")) {
            return whole;
        }
        JsonNode patched = switch (exchange.contentType()) {
            case "application/json-patch+json" -> JsonPatch.apply(scale, sent);
            case "application/merge-patch+json", "application/strategic-merge-patch+json" ->
                MergePatch.apply(scale, sent);
            default ->
                throw ApiFailure.unsupportedMediaType(
                        "the body of the request was in an unknown format - accepted media types include:"
                                + " application/json-patch+json, application/merge-patch+json,"
                                + " application/strategic-merge-patch+json");
        };
        if (patched instanceof ObjectNode object) {
            return object;
        }
        throw ApiFailure.badRequest("the patch leaves no Scale");
    }

    private static int replicas(Target target, ObjectNode scale) {
        JsonNode replicas = Json.at(scale, "spec", "replicas");
        if (replicas.isMissingNode() || replicas.isNull()) {
            return 0; // Go's omitempty: a scale to zero comes without the field
        }
        if (!replicas.isInt() || replicas.asInt() < 0) {
            throw ApiFailure.invalid(
                    target, List.of(Problem.invalid("spec.replicas", replicas, "must be greater than or equal to 0")));
        }
        return replicas.asInt();
    }

    private static ObjectNode scale(ObjectNode object) {
        ObjectNode scale = Json.object().put("kind", "Scale").put("apiVersion", VERSION);
        ObjectNode meta = scale.putObject("metadata");
        for (String field : List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            meta.set(field, Meta.of(object).path(field));
        }
        scale.putObject("spec")
                .put("replicas", Json.at(object, "spec", "replicas").asInt(1));
        scale.putObject("status")
                .put("replicas", Json.at(object, "status", "replicas").asInt(0))
                .put("selector", selector(Json.at(object, "spec", "selector")));
        return scale;
    }

    /** The text form of a selector's object form, as autoscalers use it. */
    static String selector(JsonNode selector) {
        TreeSet<String> parts = new TreeSet<>();
        Meta.strings(selector.path("matchLabels")).forEach((key, value) -> parts.add(key + "=" + value));
        for (JsonNode expression : selector.path("matchExpressions")) {
            String key = Json.textAt(expression, "key");
            TreeSet<String> values = new TreeSet<>();
            expression.path("values").forEach(v -> values.add(v.asText()));
            parts.add(
                    switch (Json.textAt(expression, "operator")) {
                        case "In" -> key + " in (" + String.join(",", values) + ")";
                        case "NotIn" -> key + " notin (" + String.join(",", values) + ")";
                        case "DoesNotExist" -> "!" + key;
                        default -> key;
                    });
        }
        return String.join(",", parts);
    }
}
