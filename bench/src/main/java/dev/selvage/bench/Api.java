package dev.selvage.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.cli.Kubeconfig;
import dev.selvage.model.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.stream.Stream;

/** A client of the centre's API, over connections that stay open. */
public final class Api implements AutoCloseable {
    private final Kubeconfig config;
    private final HttpClient http;

    public Api(Kubeconfig config) {
        this.config = config;
        this.http = HttpClient.newBuilder()
                .sslContext(config.tls())
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(30))
                .build();
    }

    public void namespace(String name) throws IOException {
        ObjectNode namespace = Json.object().put("apiVersion", "v1").put("kind", "Namespace");
        namespace.putObject("metadata").put("name", name);
        post("/api/v1/namespaces", namespace);
    }

    public ObjectNode get(String path) throws IOException {
        return send(request(path).GET());
    }

    public ObjectNode post(String path, JsonNode object) throws IOException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(Json.bytes(object))));
    }

    public ObjectNode merge(String path, String patch) throws IOException {
        return send(request(path)
                .header("Content-Type", "application/merge-patch+json")
                .method("PATCH", BodyPublishers.ofString(patch)));
    }

    public ObjectNode delete(String path) throws IOException {
        return send(request(path).DELETE());
    }

    /** What was answered, whatever the status. */
    public record Answer(int status, String body) {}

    /**
     * One request as it is; an exception says that nobody knows what became of it.
     *
     * @param body empty for none
     */
    public Answer call(String method, String path, String contentType, String body) throws IOException {
        HttpRequest.Builder request = request(path)
                .timeout(Duration.ofMinutes(1))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", contentType);
        }
        HttpResponse<String> answer = answer(() -> http.send(request.build(), BodyHandlers.ofString()));
        return new Answer(answer.statusCode(), answer.body());
    }

    /** The lines of a watch, until the stream is closed. */
    public Stream<String> watch(String path) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(config.server().resolve(path)).build();
        return answer(() -> http.send(request, BodyHandlers.ofLines())).body();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(config.server().resolve(path))
                .timeout(Duration.ofSeconds(30))
                .header("Accept", "application/json");
    }

    private ObjectNode send(HttpRequest.Builder request) throws IOException {
        HttpResponse<String> answer = answer(() -> http.send(request.build(), BodyHandlers.ofString()));
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(answer.uri() + " answers " + answer.statusCode() + ": " + answer.body());
        }
        return Json.parseObject(answer.body());
    }

    private interface Call<T> {
        T call() throws IOException, InterruptedException;
    }

    private static <T> T answer(Call<T> call) throws IOException {
        try {
            return call.call();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
