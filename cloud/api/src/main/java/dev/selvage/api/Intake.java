package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns a body or a patched document into an object that is fit to be stored, or says precisely why not. */
final class Intake {
    private final Schemas schemas;
    private final int maxObjectBytes;

    Intake(Schemas schemas, int maxObjectBytes) {
        this.schemas = schemas;
        this.maxObjectBytes = maxObjectBytes;
    }

    /** Reads an object from the body in any of the forms that clients send. */
    ObjectNode read(Exchange exchange, Target target) {
        BodyParser.Parsed parsed = tree(exchange);
        if (!(parsed.tree() instanceof ObjectNode object)) {
            throw ApiFailure.badRequest(
                    "the body must be an object of kind " + target.kind().kind());
        }
        type(object, target.kind());
        strict(exchange, target.kind(), object, parsed.duplicates());
        return object;
    }

    private BodyParser.Parsed tree(Exchange exchange) {
        return switch (exchange.contentType()) {
            case "", "application/json" -> BodyParser.json(exchange.body());
            case "application/yaml", "application/x-yaml", "text/yaml" ->
                new BodyParser.Parsed(YamlParser.parse(exchange.body()), List.of());
            case "application/vnd.kubernetes.protobuf" ->
                new BodyParser.Parsed(ProtobufBody.parse(exchange.body(), schemas::message), List.of());
            default ->
                throw ApiFailure.unsupportedMediaType(
                        "the body of the request was in an unknown format - accepted media types include: application/json,"
                                + " application/yaml, application/vnd.kubernetes.protobuf");
        };
    }

    /** DeleteOptions and the like; an empty object where there is no body. */
    ObjectNode options(Exchange exchange) {
        byte[] body = exchange.body();
        return body.length == 0 ? Json.object() : body(exchange, body, "DeleteOptions");
    }

    /** An object that is no resource: a Binding, a Scale. */
    ObjectNode body(Exchange exchange, String kind) {
        return body(exchange, exchange.body(), kind);
    }

    private ObjectNode body(Exchange exchange, byte[] body, String kind) {
        JsonNode tree = switch (exchange.contentType()) {
            case "application/vnd.kubernetes.protobuf" -> ProtobufBody.parse(body, schemas::message);
            case "application/yaml", "application/x-yaml", "text/yaml" -> YamlParser.parse(body);
            default -> BodyParser.json(body).tree();
        };
        if (!(tree instanceof ObjectNode object)) {
            throw ApiFailure.badRequest("the body must be an object of kind " + kind);
        }
        return object;
    }

    private static void type(ObjectNode object, Kind kind) {
        String apiVersion = Json.textAt(object, "apiVersion");
        String name = Json.textAt(object, "kind");
        if (name.isEmpty() && apiVersion.isEmpty()) {
            object.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        } else if (!apiVersion.equals(kind.apiVersion()) || !name.equals(kind.kind())) {
            throw ApiFailure.badRequest("the object provided is unrecognized (must be of type " + kind.kind() + " in "
                    + kind.apiVersion() + "): found kind \"" + name + "\" in \"" + apiVersion + "\"");
        }
    }

    /** Types and unknown fields; then {@code fieldValidation} decides what becomes of the latter. */
    void strict(Exchange exchange, Kind kind, ObjectNode object, List<String> duplicates) {
        boolean builtIn = schemas.builtIn(kind);
        SchemaCheck check = new SchemaCheck(schemas.definitions());
        check.check(object, schemas.schema(kind), builtIn ? kind.kind() : "");
        String context =
                kind.kind() + " in version \"" + kind.version() + "\" cannot be handled as a " + kind.kind() + ": ";
        if (!check.undecodable().isEmpty()) {
            throw ApiFailure.badRequest(context + check.undecodable().getFirst());
        }
        List<String> faults = new ArrayList<>();
        duplicates.forEach(path -> faults.add("duplicate field \"" + path + "\""));
        check.unknown().forEach(path -> faults.add("unknown field \"" + path + "\""));
        switch (exchange.parameter("fieldValidation")) {
            case "Strict" -> {
                if (!faults.isEmpty()) {
                    throw ApiFailure.badRequest(context + "strict decoding error: " + String.join(", ", faults));
                }
            }
            case "", "Warn" -> faults.forEach(exchange::warn);
            case "Ignore" -> {}
            default ->
                throw ApiFailure.badRequest("fieldValidation: Unsupported value: \""
                        + exchange.parameter("fieldValidation")
                        + "\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"");
        }
    }

    /** Name and namespace of the body against the URL's; takes the URL's where the body has none. */
    static void identify(ObjectNode object, Target target) {
        ObjectNode meta = Meta.of(object);
        String name = Meta.name(object);
        if (!target.name().isEmpty()) {
            if (!name.isEmpty() && !name.equals(target.name())) {
                throw ApiFailure.badRequest("the name of the object (" + name + ") does not match the name on the URL ("
                        + target.name() + ")");
            }
            meta.put("name", target.name());
        }
        if (!target.kind().namespaced()) {
            meta.remove("namespace");
            return;
        }
        String namespace = Meta.namespace(object);
        if (!namespace.isEmpty() && !namespace.equals(target.namespace())) {
            throw ApiFailure.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
        meta.put("namespace", target.namespace());
    }

    /** Defaults, then every rule; refuses with all faults at once. */
    void complete(Target target, ObjectNode object, @Nullable ObjectNode old) {
        Kind kind = target.kind();
        Defaults.apply(kind, object);
        if (kind.equals(Kinds.NAMESPACE)) {
            keepFinalizers(object, old);
        }
        SchemaCheck check = new SchemaCheck(schemas.definitions());
        check.check(object, schemas.schema(kind), schemas.builtIn(kind) ? kind.kind() : "");
        List<Problem> problems = new ArrayList<>(check.problems());
        for (Problem problem : ObjectRules.check(schemas.definitions(), kind, object, old)) {
            if (problems.stream().noneMatch(p -> p.equals(problem))) {
                problems.add(problem);
            }
        }
        if (!problems.isEmpty()) {
            String name =
                    Meta.name(object).isEmpty() ? Json.textAt(object, "metadata", "generateName") : Meta.name(object);
            throw ApiFailure.invalid(target.named(name), problems);
        }
        if (Json.bytes(object).length > maxObjectBytes) {
            throw ApiFailure.tooLarge(maxObjectBytes);
        }
    }

    /**
     * A namespace's spec.finalizers are the system's (upstream: set at creation, changed by the finalize subresource only): without them it would be
     * removed before its contents.
     */
    private static void keepFinalizers(ObjectNode namespace, @Nullable ObjectNode old) {
        ObjectNode spec = Json.child(namespace, "spec");
        spec.remove("finalizers");
        if (old != null && old.path("spec").has("finalizers")) {
            spec.set("finalizers", old.path("spec").path("finalizers").deepCopy());
        }
    }
}
