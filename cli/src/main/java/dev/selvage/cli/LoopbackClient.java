package dev.selvage.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;

/** Plain HTTP to a door on this machine's loopback. */
final class LoopbackClient {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(1))
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    private final int port;
    private final Optional<String> token;

    LoopbackClient(int port, Optional<String> token) {
        this.port = port;
        this.token = token;
    }

    /** The answer's object, or empty when nothing answers with one. */
    Optional<ObjectNode> get(String path) {
        return send(request(path).GET()).filter(a -> a.statusCode() == 200).flatMap(LoopbackClient::json);
    }

    /** The answer's body, whatever its code; empty when nothing listens. */
    Optional<String> text(String path) {
        return send(request(path).GET()).map(HttpResponse::body);
    }

    /** The answer to a POST, or empty when nothing listens. */
    Optional<HttpResponse<String>> post(String path) {
        return send(request(path).POST(BodyPublishers.noBody()));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(5));
        token.ifPresent(t -> request.header("Authorization", "Bearer " + t));
        return request;
    }

    private static Optional<HttpResponse<String>> send(HttpRequest.Builder request) {
        try {
            return Optional.of(HTTP.send(request.build(), BodyHandlers.ofString()));
        } catch (IOException silent) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static Optional<ObjectNode> json(HttpResponse<String> answer) {
        try {
            return Optional.of(Json.parseObject(answer.body()));
        } catch (JsonException other) {
            return Optional.empty();
        }
    }
}
