package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The Docker Engine's HTTP API (docs.docker.com/reference/api/engine) as far as it is needed here. Every call has a limit
 * in time; answers are bounded in size.
 */
final class Engine {
    /** For what the engine answers from memory. */
    static final Duration SHORT = Duration.ofSeconds(10);
    /** For what makes it work: create, start, remove. */
    static final Duration LONG = Duration.ofSeconds(30);

    private static final int LARGEST_ANSWER = 16 << 20;
    private static final String PREFERRED = "1.41";

    private final Path socket;
    private volatile String version = PREFERRED;

    Engine(Path socket) {
        this.socket = socket;
    }

    Path socket() {
        return socket;
    }

    /**
     * @param name of the product and its version, for people
     * @param architecture in Go's words: amd64, arm64
     */
    record Facts(String name, String version, String architecture) {}

    /** Asks who it is, and agrees on a version of the API: 1.41 (Docker 20.10), or the oldest that a newer engine still speaks. */
    Facts facts() throws IOException {
        JsonNode answer = call("GET", "/version", Duration.ofSeconds(5));
        String oldest = answer.path("MinAPIVersion").asText(PREFERRED);
        version = newer(oldest, PREFERRED) ? oldest : PREFERRED;
        String name = "docker";
        for (JsonNode component : answer.path("Components")) {
            if (component.path("Name").asText().startsWith("Podman")) {
                name = "podman";
            }
        }
        return new Facts(
                name, answer.path("Version").asText("?"), answer.path("Arch").asText(""));
    }

    static boolean newer(String one, String other) {
        String[] a = one.split("\\.");
        String[] b = other.split("\\.");
        try {
            int major = Integer.compare(Integer.parseInt(a[0]), Integer.parseInt(b[0]));
            return major > 0 || (major == 0 && Integer.parseInt(a[1]) > Integer.parseInt(b[1]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return false;
        }
    }

    /** A path below the agreed version. */
    String path(String rest) {
        return "/v" + version + rest;
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    JsonNode get(String rest) throws IOException {
        return call("GET", path(rest), SHORT);
    }

    /** Empty when there is no such thing. */
    Optional<JsonNode> find(String rest) throws IOException {
        try {
            return Optional.of(get(rest));
        } catch (EngineException e) {
            if (e.notFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** False when there was no such thing, or it was so already. */
    boolean act(String method, String rest, Duration limit) throws IOException {
        try {
            call(method, path(rest), limit);
            return true;
        } catch (EngineException e) {
            if (e.notFound() || e.status() == 304 || e.status() == 409) {
                return false;
            }
            throw e;
        }
    }

    void post(String rest, Duration limit) throws IOException {
        call("POST", path(rest), limit);
    }

    JsonNode post(String rest, ObjectNode body, Duration limit) throws IOException {
        try (EngineConnection connection = open(path(rest), limit)) {
            return json(
                    connection,
                    connection.request("POST", Map.of("Content-Type", "application/json"), Json.bytes(body)));
        }
    }

    private JsonNode call(String method, String target, Duration limit) throws IOException {
        try (EngineConnection connection = open(target, limit)) {
            return json(connection, connection.request(method, Map.of(), new byte[0]));
        }
    }

    EngineConnection open(String target, Duration limit) throws IOException {
        return EngineConnection.open(socket, target, limit);
    }

    private static JsonNode json(EngineConnection connection, HttpReply reply) throws IOException {
        try {
            check(reply);
            byte[] body = bounded(reply.body(), LARGEST_ANSWER);
            return tree(body);
        } catch (IOException e) {
            throw connection.explained(e);
        }
    }

    private static JsonNode tree(byte[] body) throws IOException {
        if (body.length == 0 || (body[0] != '{' && body[0] != '[')) {
            return Json.object(); // OK, of a ping
        }
        return body[0] == '{' ? JsonLines.parse(body) : JsonLines.parseArray(body);
    }

    /** @throws EngineException for an answer that is an error */
    static void check(HttpReply reply) throws IOException {
        if (reply.status() < 400) {
            return;
        }
        String text = new String(bounded(reply.body(), 64 << 10), StandardCharsets.UTF_8).strip();
        throw new EngineException(reply.status(), message(text, reply.status()));
    }

    private static String message(String text, int status) {
        try {
            String message = Json.textAt(Json.parseObject(text), "message");
            return message.isEmpty() ? "HTTP status " + status : message;
        } catch (JsonException e) {
            return text.isEmpty() ? "HTTP status " + status : text;
        }
    }

    private static byte[] bounded(InputStream in, int most) throws IOException {
        byte[] bytes = in.readNBytes(most + 1);
        if (bytes.length > most) {
            throw new IOException("the answer is larger than " + most + " bytes");
        }
        return bytes;
    }
}
