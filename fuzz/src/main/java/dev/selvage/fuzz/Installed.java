package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.cli.Kubeconfig;
import dev.selvage.model.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A running installation of {@code ./selvage up}, which doors attack from outside.
 *
 * @param home its directory
 */
public record Installed(Path home, int apiPort, int hubPort, int nodePort) {
    /** {@code ./selvage up --port-base BASE --home HOME}. */
    public static Installed at(Path home, int portBase) {
        return new Installed(home, portBase, portBase + 1, portBase + 3);
    }

    Kubeconfig kubeconfig() {
        return Kubeconfig.read(home.resolve("kubeconfig"));
    }

    String siteToken() throws IOException {
        return Files.readString(home.resolve("node/site.token")).strip();
    }

    long pid(String component) throws IOException {
        return Long.parseLong(Files.readString(home.resolve("run").resolve(component + ".pid"))
                .split(" ")[0]);
    }

    /** Live bytes of the centre's heap. */
    long centreHeap() {
        try {
            return Heap.of(pid("centre"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Creates an object, or leaves the one that is there. */
    ObjectNode create(String path, ObjectNode object) throws IOException, InterruptedException {
        Kubeconfig config = kubeconfig();
        try (HttpClient http = HttpClient.newBuilder()
                .sslContext(config.tls())
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            var answer = http.send(
                    HttpRequest.newBuilder(config.server().resolve(path))
                            .timeout(Duration.ofSeconds(30))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(object)))
                            .build(),
                    BodyHandlers.ofByteArray());
            if (answer.statusCode() != 201 && answer.statusCode() != 409) {
                throw new IOException(path + " answers " + answer.statusCode() + ": "
                        + new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8));
            }
            return Json.parseObject(answer.body());
        }
    }

    /** Lines of the centre's log that tell of an error which nobody foresaw. */
    public long severe() throws IOException {
        try (var lines = Files.lines(home.resolve("logs/centre.log"), java.nio.charset.StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains(" SEVERE ")).count();
        }
    }
}
