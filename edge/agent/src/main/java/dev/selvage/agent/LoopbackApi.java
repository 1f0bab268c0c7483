package dev.selvage.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.selvage.agent.Tokens.Caller;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The node's door for its own machine: plain HTTP on 127.0.0.1 (design.md "Node"), with a token of the site or of a pod. A page of another origin, or one that made
 * its name point here (DNS rebinding), is refused by the headers Host and Origin.
 */
final class LoopbackApi implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LoopbackApi.class.getName());
    private static final int MAX_BODY = 16 * 1024;
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);
    private static final String BEARER = "Bearer ";

    private final HttpServer server;
    private final ExecutorService executor;
    private final Tokens tokens;
    private final NodeView node;
    private final EventFeed feed;
    private volatile boolean closed;

    private LoopbackApi(HttpServer server, Tokens tokens, NodeView node, EventFeed feed) {
        this.server = server;
        this.executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("api-", 0).factory());
        this.tokens = tokens;
        this.node = node;
        this.feed = feed;
    }

    static LoopbackApi open(int port, Tokens tokens, NodeView node, EventFeed feed) throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 16);
        } catch (IOException e) {
            throw new IOException("loopback port " + port + " cannot be opened: " + e.getMessage(), e);
        }
        LoopbackApi api = new LoopbackApi(server, tokens, node, feed);
        server.setExecutor(api.executor);
        server.createContext("/", api::handle);
        server.start();
        return api;
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            try {
                checkOrigin(exchange);
                route(exchange);
            } catch (ApiError e) {
                json(exchange, e.code(), Json.object().put("error", String.valueOf(e.getMessage())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | Error e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "loopback API: " + exchange.getRequestURI().getPath(),
                        e);
                json(exchange, 500, Json.object().put("error", "internal error; the agent's log has more"));
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "loopback API: the caller has gone: " + e.getMessage());
        }
    }

    private void checkOrigin(HttpExchange exchange) {
        List<String> own = List.of("127.0.0.1:" + port(), "localhost:" + port());
        String host = header(exchange, "Host");
        if (!own.contains(host)) {
            throw new ApiError(403, "Host: found \"" + host + "\", accepted are " + String.join(", ", own));
        }
        String origin = header(exchange, "Origin");
        if (!origin.isEmpty() && own.stream().noneMatch(o -> origin.equals("http://" + o))) {
            throw new ApiError(403, "Origin: found \"" + origin + "\", this API serves no pages of other origins");
        }
    }

    private static String header(HttpExchange exchange, String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
    }

    private void route(HttpExchange exchange) throws IOException, InterruptedException {
        List<String> path = Arrays.stream(exchange.getRequestURI().getPath().split("/"))
                .filter(p -> !p.isEmpty())
                .toList();
        String first = path.isEmpty() ? "" : path.getFirst();
        if (first.equals("health") && path.size() == 1) {
            get(exchange);
            ObjectNode health = node.health();
            boolean site =
                    knownCaller(exchange).filter(Caller.Site.class::isInstance).isPresent();
            json(exchange, 200, site ? health : Json.object().set("status", health.path("status")));
            return;
        }
        if (first.equals("ready") && path.size() == 1) {
            get(exchange);
            ObjectNode ready = node.ready();
            json(exchange, ready.path("ready").asBoolean() ? 200 : 503, ready);
            return;
        }
        Caller caller = knownCaller(exchange)
                .orElseThrow(
                        () -> new ApiError(
                                401,
                                "Authorization: accepted is \"Bearer TOKEN\" with a pod's token (SELVAGE_TOKEN_FILE) or the site's (site.token in the agent's home)"));
        if (path.size() == 5 && first.equals("devices") && path.get(3).equals("properties")) {
            write(exchange, caller, path);
            return;
        }
        get(exchange);
        if (path.size() == 3 && first.equals("devices")) {
            json(
                    exchange,
                    200,
                    node.device(caller, path.get(1), path.get(2))
                            .orElseThrow(() -> new ApiError(404, "no device " + path.get(1) + "/" + path.get(2))));
        } else if (path.size() == 1) {
            show(exchange, caller, first);
        } else {
            throw notFound(exchange);
        }
    }

    private void show(HttpExchange exchange, Caller caller, String what) throws IOException, InterruptedException {
        switch (what) {
            case "status" -> json(exchange, 200, node.status(caller));
            case "pods" -> json(exchange, 200, node.pods(caller));
            case "devices" -> json(exchange, 200, node.devices(caller));
            case "streams" -> json(exchange, 200, node.streams(caller));
            case "lanes" -> {
                requireSite(caller);
                json(exchange, 200, node.lanes());
            }
            case "metrics" -> {
                requireSite(caller);
                send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", node.metrics());
            }
            case "events" -> events(exchange, caller);
            default -> throw notFound(exchange);
        }
    }

    private static ApiError notFound(HttpExchange exchange) {
        return new ApiError(
                404,
                "no " + exchange.getRequestURI().getPath()
                        + "; there are /status /pods /devices /devices/NAMESPACE/NAME /streams /lanes /metrics /health /ready /events");
    }

    private static void get(HttpExchange exchange) {
        if (!exchange.getRequestMethod().equals("GET")) {
            throw new ApiError(405, "method: found " + exchange.getRequestMethod() + ", accepted is GET");
        }
    }

    private static void requireSite(Caller caller) {
        if (!(caller instanceof Caller.Site)) {
            throw new ApiError(403, "only the site's token opens this");
        }
    }

    private Optional<Caller> knownCaller(HttpExchange exchange) {
        String authorization = header(exchange, "Authorization");
        return authorization.startsWith(BEARER)
                ? tokens.caller(authorization.substring(BEARER.length()).strip())
                : Optional.empty();
    }

    private void write(HttpExchange exchange, Caller caller, List<String> path)
            throws IOException, InterruptedException {
        if (!exchange.getRequestMethod().equals("POST")) {
            throw new ApiError(405, "method: found " + exchange.getRequestMethod() + ", accepted is POST");
        }
        requireSite(caller);
        // A form that another page submits cannot have this type, so it never gets here without a preflight.
        if (!header(exchange, "Content-Type").startsWith("application/json")) {
            throw new ApiError(415, "Content-Type: accepted is application/json");
        }
        ObjectNode outcome = node.write(path.get(1), path.get(2), path.get(4), body(exchange));
        json(exchange, code(outcome.path("state").asText()), outcome);
    }

    private static int code(String state) {
        return switch (state) {
            case "Confirmed" -> 200;
            case "Pending" -> 202;
            case "Refused" -> 409;
            case "Expired" -> 504;
            default -> 502;
        };
    }

    private static ObjectNode body(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
        if (body.length > MAX_BODY) {
            throw new ApiError(413, "body: accepted are at most " + MAX_BODY + " bytes");
        }
        try {
            return Json.parseObject(body);
        } catch (JsonException e) {
            throw new ApiError(400, "body: " + e.getMessage());
        }
    }

    /** Server-sent events (HTML Living Standard, 9.2) until the reader goes or the agent stops. */
    private void events(HttpExchange exchange, Caller caller) throws IOException, InterruptedException {
        EventFeed.Subscription subscription = feed.subscribe(caller::sees)
                .orElseThrow(() -> new ApiError(503, "as many readers as may be: " + EventFeed.MAX_SUBSCRIBERS));
        try (subscription) {
            headers(exchange, "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            out.write("retry: 2000\n\n".getBytes(UTF_8));
            out.flush();
            while (!closed) {
                Optional<EventFeed.Event> event = subscription.next(KEEP_ALIVE);
                String text = event.map(e -> "event: " + e.type() + "\ndata: " + e.data() + "\n\n")
                        .orElse(": alive\n\n");
                out.write(text.getBytes(UTF_8));
                out.flush();
            }
        }
    }

    private static void json(HttpExchange exchange, int code, JsonNode body) throws IOException {
        send(exchange, code, "application/json", Json.text(body) + "\n");
    }

    private static void send(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        headers(exchange, type);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static void headers(HttpExchange exchange, String type) {
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
    }

    @Override
    public void close() {
        closed = true;
        server.stop(0);
        executor.shutdownNow();
    }
}
