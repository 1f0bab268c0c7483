package dev.selvage.sim.engine;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on a port of the loopback address, which engines reach without TLS. */
public final class Registry implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);

    private final Process process;
    private final Path home;
    private final int port;

    private Registry(Process process, Path home, int port) {
        this.process = process;
        this.home = home;
        this.port = port;
    }

    /** @param htpasswd content of a password file (bcrypt); empty = everybody may pull and push */
    public static Registry start(Path home, Optional<String> htpasswd) throws IOException, InterruptedException {
        Files.createDirectories(home);
        int port = freePort();
        String auth = "";
        if (htpasswd.isPresent()) {
            Files.writeString(home.resolve("htpasswd"), htpasswd.get());
            auth = "auth:\n  htpasswd:\n    realm: tests\n    path: " + home.resolve("htpasswd") + "\n";
        }
        Files.writeString(home.resolve("config.yml"), """
                version: 0.1
                log: {level: warn}
                storage:
                  filesystem: {rootdirectory: %s}
                http: {addr: "127.0.0.1:%d"}
                """.formatted(home.resolve("data"), port) + auth);
        Process process = new ProcessBuilder(
                        Programs.find("docker-registry", "docker-registry"),
                        "serve",
                        home.resolve("config.yml").toString())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start();
        Registry registry = new Registry(process, home, port);
        registry.await();
        return registry;
    }

    /** Host and port, as the first part of an image's name. */
    public String host() {
        return "127.0.0.1:" + port;
    }

    /** Moves a tag to the image of another one. */
    public void tag(String repository, String from, String to) throws IOException, InterruptedException {
        URI manifests = URI.create("http://" + host() + "/v2/" + repository + "/manifests/");
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> manifest = client.send(
                    HttpRequest.newBuilder(manifests.resolve(from))
                            .header("Accept", "application/vnd.docker.distribution.manifest.v2+json")
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            String type = manifest.headers().firstValue("Content-Type").orElse("");
            HttpResponse<String> moved = client.send(
                    HttpRequest.newBuilder(manifests.resolve(to))
                            .header("Content-Type", type)
                            .PUT(HttpRequest.BodyPublishers.ofByteArray(manifest.body()))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (moved.statusCode() != 201) {
                throw new IOException(
                        "tag %s of %s: %d %s".formatted(to, repository, moved.statusCode(), moved.body()));
            }
        }
    }

    /** Where its blobs and manifests lie. */
    public Path data() {
        return home.resolve("data");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void await() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                close();
                throw new IOException("docker-registry does not answer: " + Files.readString(home.resolve("log")));
            }
            Thread.sleep(50); // the poll of a bounded wait
        }
    }

    private boolean answers() {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create("http://" + host() + "/v2/").toURL().openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(1000);
            return connection.getResponseCode() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
