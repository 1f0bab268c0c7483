package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request that ends with a {@code Status} of upstream's form (k8s.io/apimachinery/pkg/api/errors). */
final class ApiFailure extends RuntimeException {
    private final int code;
    private final String reason;
    private final transient @Nullable ObjectNode details;

    private final String continueToken;

    ApiFailure(int code, String reason, String message, @Nullable ObjectNode details) {
        this(code, reason, message, details, "");
    }

    /** @param continueToken with which an expired list may go on, or empty */
    ApiFailure(int code, String reason, String message, @Nullable ObjectNode details, String continueToken) {
        super(message, null, false, false);
        this.continueToken = continueToken;
        this.code = code;
        this.reason = reason;
        this.details = details;
    }

    int code() {
        return code;
    }

    /** Seconds after which to ask again, 0 where that makes no sense. */
    int retryAfterSeconds() {
        return details == null ? 0 : details.path("retryAfterSeconds").asInt(0);
    }

    ObjectNode status() {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        ObjectNode meta = status.putObject("metadata");
        if (!continueToken.isEmpty()) {
            meta.put("continue", continueToken);
        }
        status.put("status", "Failure")
                .put("message", String.valueOf(getMessage()))
                .put("reason", reason);
        if (details != null) {
            status.set("details", details);
        }
        return status.put("code", code);
    }

    static ApiFailure badRequest(String message) {
        return new ApiFailure(400, "BadRequest", message, null);
    }

    static ApiFailure unauthorized() {
        return new ApiFailure(401, "Unauthorized", "Unauthorized: a client certificate is needed", null);
    }

    static ApiFailure forbidden(Target target, String detail) {
        return forbidden(target, detail, target.details());
    }

    static ApiFailure forbidden(Target target, String detail, ObjectNode details) {
        return new ApiFailure(
                403,
                "Forbidden",
                target.resource() + (target.name().isEmpty() ? "" : " \"" + target.name() + "\"") + " is forbidden: "
                        + detail,
                details);
    }

    static ApiFailure noSuchPath() {
        return new ApiFailure(404, "NotFound", "the server could not find the requested resource", Json.object());
    }

    static ApiFailure notFound(Target target) {
        return new ApiFailure(
                404, "NotFound", target.resource() + " \"" + target.name() + "\" not found", target.details());
    }

    static ApiFailure methodNotAllowed() {
        return new ApiFailure(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource",
                Json.object());
    }

    static ApiFailure alreadyExists(Target target) {
        return new ApiFailure(
                409,
                "AlreadyExists",
                target.resource() + " \"" + target.name() + "\" already exists",
                target.details());
    }

    static ApiFailure conflict(Target target, String detail) {
        return new ApiFailure(
                409,
                "Conflict",
                "Operation cannot be fulfilled on " + target.resource() + " \"" + target.name() + "\": " + detail,
                target.details());
    }

    static ApiFailure tooLarge(long limit) {
        return new ApiFailure(
                413, "RequestEntityTooLarge", "Request entity too large: limit is " + limit + " bytes", null);
    }

    static ApiFailure unsupportedMediaType(String message) {
        return new ApiFailure(415, "UnsupportedMediaType", message, null);
    }

    static ApiFailure expired(String message) {
        return new ApiFailure(410, "Expired", message, null);
    }

    static ApiFailure tooManyRequests(String message, int retryAfterSeconds) {
        return new ApiFailure(
                429, "TooManyRequests", message, Json.object().put("retryAfterSeconds", retryAfterSeconds));
    }

    static ApiFailure unavailable(String message) {
        return new ApiFailure(503, "ServiceUnavailable", message, Json.object().put("retryAfterSeconds", 1));
    }

    static ApiFailure resourceVersionTooLarge(long asked, long current) {
        ObjectNode details = Json.object();
        details.putArray("causes")
                .addObject()
                .put("reason", "ResourceVersionTooLarge")
                .put("message", "Too large resource version");
        details.put("retryAfterSeconds", 1);
        return new ApiFailure(
                504, "Timeout", "Too large resource version: " + asked + ", current: " + current, details);
    }

    static ApiFailure invalid(Target target, List<Problem> problems) {
        ObjectNode details = Json.object().put("name", target.name());
        if (!target.kind().group().isEmpty()) {
            details.put("group", target.kind().group());
        }
        details.put("kind", target.kind().kind());
        ArrayNode causes = details.putArray("causes");
        for (Problem problem : problems) {
            causes.addObject()
                    .put("reason", problem.reason())
                    .put("message", problem.message())
                    .put("field", problem.field());
        }
        String list = problems.stream().map(Problem::toString).collect(Collectors.joining(", "));
        String kind = target.kind().group().isEmpty()
                ? target.kind().kind()
                : target.kind().kind() + "." + target.kind().group();
        return new ApiFailure(
                422,
                "Invalid",
                kind + " \"" + target.name() + "\" is invalid: " + (problems.size() == 1 ? list : "[" + list + "]"),
                details);
    }
}
