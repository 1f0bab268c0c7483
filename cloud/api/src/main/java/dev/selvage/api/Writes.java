package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.InvalidObjectException;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** POST and PUT: create, update, and their status and binding subresources. */
final class Writes {
    private static final String NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789"; // upstream's: no words, no look-alikes
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Resources resources;
    private final List<Admission> admissions;
    private final Intake intake;

    Writes(Resources resources, List<Admission> admissions, Intake intake) {
        this.resources = resources;
        this.admissions = List.copyOf(admissions);
        this.intake = intake;
    }

    void create(Exchange exchange, Target target) {
        boolean dryRun = dryRun(exchange, "");
        ObjectNode object = intake.read(exchange, target);
        Intake.identify(object, target);
        ObjectNode meta = Meta.of(object);
        meta.remove("uid"); // the system's to give
        boolean generated = Meta.name(object).isEmpty();
        intake.complete(target, object, null);
        Optional<Stored> namespace = namespace(target);
        requireOpen(target, namespace);
        if (!Meta.resourceVersion(object).isEmpty()) {
            throw new ApiFailure(400, "BadRequest", "resourceVersion should not be set on objects to be created", null);
        }
        ObjectNode unnamed = object;
        for (int attempt = 1; ; attempt++) {
            if (generated) {
                object = unnamed.deepCopy();
                Meta.of(object).put("name", generate(Json.textAt(object, "metadata", "generateName")));
                Defaults.apply(target.kind(), object);
            }
            Target named = target.named(Meta.name(object));
            admit(Admission.Operation.CREATE, exchange, named, null, object, dryRun);
            Optional<Stored> since = namespace(target);
            if (!since.equals(namespace)) { // the admissions may have taken their time
                requireOpen(target, since);
            }
            Outcome outcome = resources.create(object, dryRun);
            if (generated && outcome instanceof Outcome.AlreadyExists && attempt < 8) {
                continue;
            }
            Stored stored = Outcomes.success(named, outcome);
            Audit.write(exchange.caller(), "create", named, dryRun, 201);
            answer(exchange, 201, stored);
            return;
        }
    }

    void update(Exchange exchange, Target target) {
        boolean dryRun = dryRun(exchange, "");
        ObjectNode object = intake.read(exchange, target);
        Intake.identify(object, target);
        Stored current = resources.get(target.key()).orElseThrow(() -> ApiFailure.notFound(target));
        boolean own = target.kind().group().equals(Kinds.OWN_GROUP);
        if (own && Meta.resourceVersion(object).isEmpty()) {
            throw ApiFailure.invalid(
                    target,
                    List.of(new Problem(
                            "FieldValueInvalid",
                            "metadata.resourceVersion",
                            "Invalid value: 0x0: must be specified for an update")));
        }
        Stored stored = Outcomes.success(target, put(exchange, target, current.parse(), object, dryRun));
        Audit.write(exchange.caller(), "update", target, dryRun, 200);
        answer(exchange, 200, stored);
    }

    /** Writes a whole object over the stored one, for PUT and PATCH alike. */
    Outcome put(Exchange exchange, Target target, ObjectNode old, ObjectNode object, boolean dryRun) {
        if (target.subresource().equals("status")) {
            admit(Admission.Operation.STATUS, exchange, target, old, object, dryRun);
            return resources.replaceStatus(object, dryRun);
        }
        intake.complete(target, object, old);
        admit(Admission.Operation.UPDATE, exchange, target, old, object, dryRun);
        return resources.replace(object, dryRun);
    }

    /** POST pods/NAME/binding: what a scheduler does. */
    void bind(Exchange exchange, Target target) {
        boolean dryRun = dryRun(exchange, "");
        ObjectNode binding = intake.options(exchange);
        String node = Json.textAt(binding, "target", "name");
        if (node.isEmpty()) {
            throw ApiFailure.badRequest("Binding: target.name: Required value");
        }
        Stored current = resources.get(target.key()).orElseThrow(() -> ApiFailure.notFound(target));
        ObjectNode pod = current.parse();
        String bound = Json.textAt(pod, "spec", "nodeName");
        if (!bound.isEmpty()) {
            throw ApiFailure.conflict(
                    target, "pod " + target.name() + " is already assigned to node \"" + bound + "\"");
        }
        ObjectNode changed = pod.deepCopy();
        Json.child(changed, "spec").put("nodeName", node);
        admit(Admission.Operation.UPDATE, exchange, target, pod, changed, dryRun);
        Outcomes.success(target, resources.replace(changed, dryRun));
        Audit.write(exchange.caller(), "bind", target, dryRun, 201);
        exchange.send(201, success(target, ""));
    }

    void admit(
            Admission.Operation operation,
            Exchange exchange,
            Target target,
            @Nullable ObjectNode old,
            @Nullable ObjectNode object,
            boolean dryRun) {
        Admission.Request request = new Admission.Request(
                operation,
                target.kind(),
                target.key(),
                old,
                object,
                exchange.caller().user(),
                dryRun,
                exchange::warn);
        try {
            admissions.forEach(admission -> admission.admit(request));
        } catch (AdmissionDenied denied) {
            throw Outcomes.denied(target, denied);
        } catch (InvalidObjectException invalid) {
            throw ApiFailure.invalid(target, Outcomes.problems(invalid.errors()));
        }
    }

    private Optional<Stored> namespace(Target target) {
        return target.kind().namespaced()
                ? resources.get(ObjectKey.cluster(Kinds.NAMESPACE, target.namespace()))
                : Optional.empty();
    }

    /** A namespace that is not there, or is being terminated, takes nothing new. */
    private static void requireOpen(Target target, Optional<Stored> namespace) {
        if (!target.kind().namespaced()) {
            return;
        }
        Stored found = namespace.orElseThrow(
                () -> ApiFailure.notFound(new Target(Kinds.NAMESPACE, "", target.namespace(), "")));
        if (Meta.deleting(found.parse())) {
            ObjectNode details = target.details();
            details.putArray("causes")
                    .addObject()
                    .put("reason", "NamespaceTerminating")
                    .put("message", "namespace " + target.namespace() + " is being terminated")
                    .put("field", "metadata.namespace");
            throw ApiFailure.forbidden(
                    target,
                    "unable to create new content in namespace " + target.namespace()
                            + " because it is being terminated",
                    details);
        }
    }

    static boolean dryRun(Exchange exchange, String inBody) {
        String asked = exchange.parameter("dryRun").isEmpty() ? inBody : exchange.parameter("dryRun");
        return switch (asked) {
            case "" -> false;
            case "All" -> true;
            default ->
                throw ApiFailure.badRequest("dryRun: Unsupported value: \"" + asked + "\": supported values: \"All\"");
        };
    }

    static void answer(Exchange exchange, int code, Stored stored) {
        switch (Shape.of(exchange)) {
            case METADATA -> exchange.send(code, Reads.metadata(stored.parse()));
            case TABLE, OBJECT -> exchange.send(code, "application/json", stored.json());
        }
    }

    static ObjectNode success(Target target, String uid) {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        status.put("status", "Success");
        ObjectNode details = target.details();
        if (!uid.isEmpty()) {
            details.put("uid", uid);
        }
        status.set("details", details);
        return status;
    }

    private static String generate(String base) {
        StringBuilder name = new StringBuilder(base.length() > 58 ? base.substring(0, 58) : base);
        for (int i = 0; i < 5; i++) {
            name.append(NAME_LETTERS.charAt(RANDOM.nextInt(NAME_LETTERS.length())));
        }
        return name.toString();
    }
}
