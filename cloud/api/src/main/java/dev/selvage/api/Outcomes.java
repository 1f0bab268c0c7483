package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import dev.selvage.store.Outcome;
import dev.selvage.store.Stored;
import java.util.List;

/** Answers of the store and of admissions, as upstream's errors. */
final class Outcomes {
    private static final String MODIFIED =
            "the object has been modified; please apply your changes to the latest version and try again";

    private Outcomes() {}

    static Stored success(Target target, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Committed committed -> committed.stored();
            case Outcome.Unchanged unchanged -> unchanged.stored();
            case Outcome.WouldCommit would -> would.stored();
            case Outcome.Conflict conflict ->
                throw ApiFailure.conflict(
                        target,
                        conflict.message().contains("resourceVersion")
                                        || conflict.message().isEmpty()
                                ? MODIFIED
                                : conflict.message());
            case Outcome.AlreadyExists _ -> throw ApiFailure.alreadyExists(target);
            case Outcome.NotFound _ -> throw ApiFailure.notFound(target);
            case Outcome.Invalid invalid -> throw invalid(target, invalid.message());
        };
    }

    private static ApiFailure invalid(Target target, String message) {
        ObjectNode details = Json.object()
                .put("name", target.name())
                .put("kind", target.kind().kind());
        details.putArray("causes")
                .addObject()
                .put("reason", "FieldValueInvalid")
                .put("message", message);
        return new ApiFailure(
                422, "Invalid", target.kind().kind() + " \"" + target.name() + "\" is invalid: " + message, details);
    }

    static ApiFailure denied(Target target, AdmissionDenied denied) {
        String message = String.valueOf(denied.getMessage());
        return switch (denied.code()) {
            case 409 -> ApiFailure.conflict(target, message);
            case 422 ->
                denied.causes().isEmpty()
                        ? invalid(target, message)
                        : ApiFailure.invalid(target, problems(denied.causes()));
            default -> ApiFailure.forbidden(target, message);
        };
    }

    static List<Problem> problems(List<FieldError> errors) {
        return errors.stream()
                .map(e -> Problem.invalid(e.path(), e.found(), e.accepted()))
                .toList();
    }
}
