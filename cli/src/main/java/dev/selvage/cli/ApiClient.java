package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/** Speaks to the centre's API as the administrator. */
final class ApiClient implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Kubeconfig config;
    private final HttpClient http;

    ApiClient(Home home) {
        this.config = Kubeconfig.read(home.kubeconfig());
        this.http = HttpClient.newBuilder()
                .sslContext(config.tls())
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .build();
    }

    Kubeconfig config() {
        return config;
    }

    boolean ready() {
        try {
            return send(request("/readyz").GET()).statusCode() == 200;
        } catch (CommandFailed unreachable) {
            return false;
        }
    }

    /** The object, or empty where there is none. */
    Optional<ObjectNode> get(Kind kind, String namespace, String name) {
        HttpResponse<String> answer =
                send(request(path(kind, namespace) + "/" + name).GET());
        return answer.statusCode() == 404 ? Optional.empty() : Optional.of(object(answer));
    }

    /** All objects of a kind, over all namespaces. */
    JsonNode list(Kind kind) {
        return object(send(request(path(kind, "")).GET())).path("items");
    }

    /**
     * One page of all objects of a kind.
     *
     * @param next what the page before says in {@code metadata.continue}; empty for the first
     */
    ObjectNode page(Kind kind, int limit, String next) {
        String rest = next.isEmpty() ? "" : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
        return object(send(request(path(kind, "") + "?limit=" + limit + rest).GET()));
    }

    /** The text of an answer, whatever its code. */
    String text(String path) {
        HttpResponse<String> answer =
                send(request(path).setHeader("Accept", "*/*").GET());
        if (answer.statusCode() == 404) {
            throw new CommandFailed("the centre has no " + path);
        }
        return answer.body();
    }

    ObjectNode getJson(String path) {
        return object(send(request(path).GET()));
    }

    ObjectNode post(String path) {
        return object(send(request(path).POST(BodyPublishers.noBody())));
    }

    /** The lines of an answer that goes on until its end or the caller's. */
    Stream<String> lines(String path) {
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(config.server().resolve(path)).build();
            HttpResponse<Stream<String>> answer = http.send(request, BodyHandlers.ofLines());
            if (answer.statusCode() / 100 != 2) {
                throw new CommandFailed(refusal(
                        answer.statusCode(), String.join("\n", answer.body().toList())));
            }
            return answer.body();
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Creates the object, or merges it into the one that is there (RFC 7386). */
    void apply(JsonNode object) {
        Kind kind = Kinds.byKind(Json.textAt(object, "apiVersion"), Json.textAt(object, "kind"))
                .orElseThrow(() -> new CommandFailed("no kind " + Json.textAt(object, "kind")));
        String collection = path(kind, Meta.namespace(object));
        String body = Json.text(object);
        HttpResponse<String> made = send(
                request(collection).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
        if (made.statusCode() != 409) {
            object(made);
            return;
        }
        object(send(request(collection + "/" + Meta.name(object))
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(body))));
    }

    /** Sets {@code status.state} of the object as it was read; one that has changed since is refused (409). */
    void setState(ObjectNode object, String state) {
        Kind kind = Kinds.byKind(Json.textAt(object, "apiVersion"), Json.textAt(object, "kind"))
                .orElseThrow(() -> new CommandFailed("no kind " + Json.textAt(object, "kind")));
        ObjectNode patch = Json.object();
        patch.putObject("metadata").put("uid", Meta.uid(object)).put("resourceVersion", Meta.resourceVersion(object));
        patch.putObject("status").put("state", state);
        object(send(request(path(kind, Meta.namespace(object)) + "/" + Meta.name(object) + "/status")
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(Json.text(patch)))));
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private static String path(Kind kind, String namespace) {
        String root = kind.group().isEmpty() ? "/api/v1" : "/apis/" + kind.apiVersion();
        return root + (kind.namespaced() && !namespace.isEmpty() ? "/namespaces/" + namespace : "") + "/"
                + kind.plural();
    }

    private HttpRequest.Builder request(String path) {
        URI uri = config.server().resolve(path);
        return HttpRequest.newBuilder(uri).timeout(TIMEOUT).header("Accept", "application/json");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private CommandFailed unreachable(IOException e) {
        return new CommandFailed(
                "the centre does not answer at " + config.server() + " (" + e.getMessage() + "). See ./selvage status",
                e);
    }

    private static CommandFailed interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CommandFailed("interrupted", e);
    }

    private static ObjectNode object(HttpResponse<String> answer) {
        if (answer.statusCode() / 100 != 2) {
            throw new CommandFailed(refusal(answer.statusCode(), answer.body()));
        }
        return Json.parseObject(answer.body());
    }

    private static String refusal(int code, String body) {
        try {
            return "the centre answers " + code + ": " + Json.textAt(Json.parseObject(body), "message");
        } catch (RuntimeException notJson) {
            return "the centre answers " + code + ": "
                    + body.lines().findFirst().orElse("");
        }
    }
}
