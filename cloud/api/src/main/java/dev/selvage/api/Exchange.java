package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.UrlEncoded;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;

/** One request and its response, in blocking form; the only place besides the server that touches Jetty's types. */
final class Exchange {
    /** How many times the largest body is read at most before the connection is cut. */
    private static final long FORGOTTEN = 4;

    private static final int SMALL_BODY = 64 << 10;
    /** Of a long answer, written at once. */
    private static final int PART = 64 << 10;

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Caller caller;
    private final ApiConfig config;
    private final Limits limits;
    private final List<FairLimit.Permit> permits = new ArrayList<>();
    private final List<String> path;
    private final Fields query;
    private final List<String> warnings = new ArrayList<>();
    private boolean streaming;
    private boolean bodyRead;
    private boolean upgraded;

    Exchange(Request request, Response response, Callback callback, Caller caller, ApiConfig config, Limits limits) {
        this(request, response, callback, caller, config, limits, query(request));
    }

    private Exchange(
            Request request,
            Response response,
            Callback callback,
            Caller caller,
            ApiConfig config,
            Limits limits,
            Fields query) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.caller = caller;
        this.config = config;
        this.limits = limits;
        this.path = segments(Request.getPathInContext(request));
        this.query = query;
    }

    /** For the answer to a request whose query cannot be read. */
    static Exchange withoutQuery(
            Request request, Response response, Callback callback, Caller caller, ApiConfig config, Limits limits) {
        return new Exchange(request, response, callback, caller, config, limits, new Fields(true));
    }

    private static List<String> segments(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/", 32)) {
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        return List.copyOf(parts);
    }

    private static Fields query(Request request) {
        try {
            Fields fields = new Fields(true);
            String text = request.getHttpURI().getQuery();
            if (text != null) {
                UrlEncoded.decodeUtf8To(text, 0, text.length(), fields::add);
            }
            return fields;
        } catch (RuntimeException e) { // Jetty throws several kinds for malformed escapes
            throw ApiFailure.badRequest("the query string cannot be read: " + e.getMessage());
        }
    }

    String method() {
        return request.getMethod();
    }

    List<String> path() {
        return path;
    }

    Caller caller() {
        return caller;
    }

    Flow flow() {
        return Flow.of(caller, path);
    }

    /** Waits for its turn to send a large list. */
    void list(int items, long bytes) {
        permits.add(limits.list(flow(), items, bytes));
    }

    /** Gives back what the request held besides its seat. */
    void release() {
        permits.forEach(FairLimit.Permit::close);
        permits.clear();
    }

    /** A query parameter, empty where it is absent. */
    String parameter(String name) {
        String value = query.getValue(name);
        return value == null ? "" : value;
    }

    /** Whether a query parameter is there, with a value or without. */
    boolean has(String name) {
        return query.get(name) != null;
    }

    /** All values of a query parameter. */
    List<String> parameters(String name) {
        return query.getValuesOrEmpty(name);
    }

    boolean flag(String name) {
        return switch (parameter(name)) {
            case "", "false", "0" -> false;
            case "true", "1" -> true;
            default ->
                throw ApiFailure.badRequest(name + ": found \"" + parameter(name) + "\", accepted are true and false");
        };
    }

    /** A number that is not negative; {@code otherwise} where it is absent. */
    long number(String name, long otherwise) {
        String text = parameter(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        if (text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw ApiFailure.badRequest(name + ": found \"" + text + "\", accepted is a number that is not negative");
        }
        return Long.parseLong(text);
    }

    /** All values of a header, joined; empty where it is absent. */
    String header(String name) {
        return String.join(",", request.getHeaders().getValuesList(name));
    }

    /** The body's media type in lower case without parameters. */
    String contentType() {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(java.util.Locale.ROOT);
    }

    /**
     * Reads the whole body, within the limits of size and time. One that is a little too large is read to its end and forgotten: a client that
     * is still writing when the connection closes would not see the answer (RFC 9112, 9.6).
     */
    byte[] body() {
        long most = config.maxBodyBytes();
        if (request.getLength() > FORGOTTEN * most) {
            bodyRead = true;
            throw ApiFailure.tooLarge(most);
        }
        // Held until the request is done: the tree that is made of the body lives as long.
        permits.add(limits.body(flow(), request.getLength() < 0 ? most : Math.min(most, request.getLength())));
        return received(most);
    }

    private byte[] received(long most) {
        bodyRead = true;
        long received = 0;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long deadline = System.nanoTime() + config.bodyTimeout().toNanos();
        while (true) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                awaitContent(deadline);
                continue;
            }
            if (Content.Chunk.isFailure(chunk)) {
                throw ApiFailure.badRequest("the body could not be read: "
                        + (chunk.getFailure() == null
                                ? "cut off"
                                : chunk.getFailure().getMessage()));
            }
            ByteBuffer part = chunk.getByteBuffer();
            received += part.remaining();
            if (received <= most) {
                byte[] copy = new byte[part.remaining()];
                part.get(copy);
                bytes.writeBytes(copy);
            }
            boolean last = chunk.isLast();
            chunk.release();
            if (received > (last ? most : FORGOTTEN * most)) {
                throw ApiFailure.tooLarge(most);
            }
            if (last) {
                return bytes.toByteArray();
            }
        }
    }

    private void awaitContent(long deadline) {
        CountDownLatch ready = new CountDownLatch(1);
        request.demand(ready::countDown);
        try {
            if (!ready.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new ApiFailure(
                        408,
                        "Timeout",
                        "the body did not arrive within " + config.bodyTimeout().toSeconds() + " s",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiFailure.unavailable("the server is stopping");
        }
    }

    /**
     * Takes a small body off the connection before an answer that does not need it, so that the connection can be used
     * again; with any other body the connection ends, and the answer says so.
     */
    void discardBody() {
        boolean none = request.getHeaders().get(HttpHeader.CONTENT_LENGTH) == null
                && request.getHeaders().get(HttpHeader.TRANSFER_ENCODING) == null;
        if (bodyRead || none) {
            return;
        }
        if (request.getLength() < 0 || request.getLength() > SMALL_BODY) {
            close();
            return;
        }
        try {
            byte[] _ = received(config.maxBodyBytes());
        } catch (ApiFailure incomplete) {
            close();
        }
    }

    /** Adds a Warning header to the answer (RFC 7234 section 5.5, code 299), as kubectl shows them. */
    void warn(String text) {
        if (warnings.size() < 20 && !warnings.contains(text)) {
            warnings.add(text);
        }
    }

    void send(int code, JsonNode body) {
        send(code, "application/json", Json.bytes(body));
    }

    void send(int code, String contentType, byte[] body) {
        begin(code, contentType);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        try {
            Content.Sink.write(response, true, ByteBuffer.wrap(body));
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    /** Sends a body of many parts, copied together by the buffer; whoever reads slowly holds up nobody but himself. */
    void send(int code, String contentType, List<byte[]> parts) {
        begin(code, contentType);
        response.getHeaders()
                .put(
                        HttpHeader.CONTENT_LENGTH,
                        parts.stream().mapToLong(part -> part.length).sum());
        ByteBuffer buffer = ByteBuffer.allocate(PART);
        try {
            for (byte[] part : parts) {
                for (int at = 0; at < part.length; ) {
                    int taken = Math.min(buffer.remaining(), part.length - at);
                    buffer.put(part, at, taken);
                    at += taken;
                    if (!buffer.hasRemaining()) {
                        Content.Sink.write(response, false, buffer.flip());
                        buffer.clear();
                    }
                }
            }
            Content.Sink.write(response, true, buffer.flip());
        } catch (IOException e) {
            throw new ClientGoneException(e);
        }
    }

    void setHeader(String name, String value) {
        response.getHeaders().put(name, value);
    }

    private void begin(int code, String contentType) {
        if (streaming) {
            throw new IllegalStateException("the answer has begun");
        }
        streaming = true;
        response.setStatus(code);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache, private");
        for (String warning : warnings) {
            String quoted = warning.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ");
            response.getHeaders().add("Warning", "299 - \"" + quoted + "\"");
        }
    }

    /** Begins an answer of unknown length. Idle time is no fault from here on; {@code onHangUp} runs when the client leaves. */
    OutputStream stream(String contentType, Runnable onHangUp) {
        begin(200, contentType);
        request.addIdleTimeoutListener(_ -> false);
        request.addFailureListener(_ -> onHangUp.run());
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        HangUp.watch(request.getConnectionMetaData().getConnection().getEndPoint(), onHangUp);
        return Content.Sink.asOutputStream(response);
    }

    boolean begun() {
        return streaming;
    }

    /** Whether the connection is a WebSocket's now, whose end completes the answer. */
    boolean upgraded() {
        return upgraded;
    }

    /**
     * Makes a WebSocket of the connection, without extensions: compressed input would have to be bounded twice.
     *
     * @return false when the request is no whole handshake
     */
    boolean upgrade(ExecSocket socket, String subprotocol, WebSocketMappings sockets) {
        upgraded = sockets.upgrade(
                (_, answer, _) -> {
                    answer.setAcceptedSubProtocol(subprotocol);
                    answer.setExtensions(List.of());
                    return socket;
                },
                request,
                response,
                callback,
                settings -> settings.setIdleTimeout(Duration.ZERO));
        return upgraded;
    }

    /** Ends the connection after a request that was not read to its end. */
    void close() {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
}
