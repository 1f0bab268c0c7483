package dev.selvage.api;

import dev.selvage.model.Json;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * What the HTTP library refuses by itself, before a request reaches the {@link ApiHandler} (a head that is no HTTP, one that is too large), is told in the same form as
 * every other failure: a {@code Status} (k8s.io/apimachinery/pkg/apis/meta/v1), whatever the client said that it accepts.
 */
final class HttpFailures implements Request.Handler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int code = response.getStatus();
        byte[] body = Json.bytes(failure(code, said(request, code)).status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache, private");
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }

    /** The library's words on a request; of what broke in the server itself clients learn no more than that. */
    private static String said(Request request, int code) {
        Object message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
        String words = HttpStatus.getMessage(code);
        return code == 500 || message == null || message.toString().equals(words) ? words : words + ": " + message;
    }

    private static ApiFailure failure(int code, String message) {
        return new ApiFailure(code, reason(code), message, null);
    }

    /** Where upstream has no reason of its own for a code, that of what it is nearest to. */
    private static String reason(int code) {
        return switch (code) {
            case 404 -> "NotFound";
            case 405 -> "MethodNotAllowed";
            case 408, 504 -> "Timeout";
            case 413 -> "RequestEntityTooLarge";
            case 415 -> "UnsupportedMediaType";
            case 503 -> "ServiceUnavailable";
            default -> code < 500 ? "BadRequest" : "InternalError";
        };
    }
}
