package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Outcome;
import dev.selvage.store.Page;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** DELETE of one object and of collections. */
final class Deletes {
    private static final Set<String> KEPT_NAMESPACES = Set.of("default", "kube-system", "selvage-system");

    private final Resources resources;
    private final Intake intake;
    private final Writes writes;

    Deletes(Resources resources, Intake intake, Writes writes) {
        this.resources = resources;
        this.intake = intake;
        this.writes = writes;
    }

    void delete(Exchange exchange, Target target) {
        DeleteOptions options = options(exchange, intake.options(exchange));
        Stored stored = delete(exchange, target, options);
        Audit.write(exchange.caller(), "delete", target, options.dryRun(), 200);
        boolean remains = resources
                .get(target.key())
                .filter(now -> now.uid().equals(stored.uid()))
                .isPresent();
        if (remains || target.kind().equals(Kinds.POD)) {
            Writes.answer(exchange, 200, stored);
        } else {
            exchange.send(200, Writes.success(target, stored.uid()));
        }
    }

    void collection(Exchange exchange, Target target) {
        DeleteOptions options = options(exchange, intake.options(exchange));
        Page page = resources.list(
                Selections.of(exchange, target), (int) Math.min(exchange.number("limit", 0), 10_000), null);
        List<Stored> deleted = new ArrayList<>();
        for (Stored item : page.items()) {
            Target one =
                    new Target(target.kind(), item.key().namespace(), item.key().name(), "");
            try {
                deleted.add(delete(exchange, one, options));
                Audit.write(exchange.caller(), "delete", one, options.dryRun(), 200);
            } catch (ApiFailure failure) {
                if (failure.code() != 404) {
                    throw failure;
                }
            }
        }
        exchange.send(200, "application/json", Reads.list(target, new Page(deleted, resources.revision(), null, 0)));
    }

    private Stored delete(Exchange exchange, Target target, DeleteOptions options) {
        Stored current = resources.get(target.key()).orElseThrow(() -> ApiFailure.notFound(target));
        if (target.kind().equals(Kinds.NAMESPACE) && KEPT_NAMESPACES.contains(target.name())) {
            throw ApiFailure.forbidden(target, "this namespace may not be deleted");
        }
        writes.admit(Admission.Operation.DELETE, exchange, target, current.parse(), null, options.dryRun());
        Outcome outcome = resources.delete(target.key(), options);
        return Outcomes.success(target, outcome);
    }

    private static DeleteOptions options(Exchange exchange, ObjectNode body) {
        String dryRun = body.path("dryRun").path(0).asText("");
        return new DeleteOptions(
                text(body.path("preconditions").path("uid")),
                revision(body.path("preconditions").path("resourceVersion")),
                propagation(exchange, body),
                grace(exchange, body),
                false,
                Writes.dryRun(exchange, dryRun));
    }

    private static @Nullable String text(JsonNode node) {
        return node.asText("").isEmpty() ? null : node.asText();
    }

    private static @Nullable Long revision(JsonNode node) {
        String text = node.asText("");
        if (text.isEmpty()) {
            return null;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw ApiFailure.badRequest("preconditions.resourceVersion: found \"" + text + "\", accepted is a number");
        }
        return Long.valueOf(text);
    }

    private static @Nullable Long grace(Exchange exchange, ObjectNode body) {
        long inQuery = exchange.number("gracePeriodSeconds", -1);
        if (inQuery > Integer.MAX_VALUE) {
            throw ApiFailure.badRequest(
                    "gracePeriodSeconds: found " + inQuery + ", accepted is up to " + Integer.MAX_VALUE);
        }
        if (inQuery >= 0) {
            return inQuery;
        }
        JsonNode inBody = body.path("gracePeriodSeconds");
        if (inBody.isMissingNode() || inBody.isNull()) {
            return null;
        }
        if (!inBody.isIntegralNumber() || inBody.asLong() < 0 || inBody.asLong() > Integer.MAX_VALUE) {
            throw ApiFailure.badRequest("gracePeriodSeconds: found " + inBody + ", accepted is a number from 0");
        }
        return inBody.asLong();
    }

    private static DeleteOptions.Propagation propagation(Exchange exchange, ObjectNode body) {
        String asked = exchange.parameter("propagationPolicy").isEmpty()
                ? Json.textAt(body, "propagationPolicy")
                : exchange.parameter("propagationPolicy");
        boolean orphan = exchange.flag("orphanDependents")
                || body.path("orphanDependents").asBoolean(false);
        return switch (asked) {
            case "" -> orphan ? DeleteOptions.Propagation.ORPHAN : DeleteOptions.Propagation.BACKGROUND;
            case "Background" -> DeleteOptions.Propagation.BACKGROUND;
            case "Foreground" -> DeleteOptions.Propagation.FOREGROUND;
            case "Orphan" -> DeleteOptions.Propagation.ORPHAN;
            default ->
                throw ApiFailure.badRequest("propagationPolicy: Unsupported value: \"" + asked
                        + "\": supported values: \"Background\", \"Foreground\", \"Orphan\"");
        };
    }
}
