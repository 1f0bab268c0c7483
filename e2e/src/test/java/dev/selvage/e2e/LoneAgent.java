package dev.selvage.e2e;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The agent's program alone, as a supervisor would start it: no launcher, no centre. Closing it is a SIGKILL. */
final class LoneAgent implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration LIMIT = Eventually.LIMIT;

    private final Path home;
    private final Path log;
    private final Process process;

    private LoneAgent(Path home, Path log, Process process) {
        this.home = home;
        this.log = log;
        this.process = process;
    }

    /**
     * @param wrapper what comes before the program, such as {@code prlimit --nofile=100}
     */
    static LoneAgent start(Path home, Path log, String... wrapper) {
        List<String> line = new ArrayList<>(List.of(wrapper));
        line.add(program().toString());
        line.addAll(List.of("run", "--home", home.toString()));
        try {
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            return new LoneAgent(home, log, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path program() {
        return Selvage.root().resolve("target/dist/agent-image/bin/selvage-agent");
    }

    static Command.Result run(String... arguments) {
        List<String> line = new ArrayList<>(List.of(program().toString()));
        line.addAll(List.of(arguments));
        return new Command(line).run(LIMIT);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until it answers; fails at once when it has ended. */
    ObjectNode awaitStatus() {
        ObjectNode[] status = new ObjectNode[1];
        Eventually.within(LIMIT, "the agent answers, its log: " + log, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("the agent ended with " + process.exitValue() + ": " + log());
            }
            status[0] = get("/status");
            return true;
        });
        return status[0];
    }

    ObjectNode get(String path) {
        try {
            String token = Files.readString(home.resolve("site.token")).strip();
            String port = Files.readString(home.resolve("loopback.port")).strip();
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .header("Authorization", "Bearer " + token)
                    .timeout(Duration.ofMinutes(1));
            var answer = HTTP.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
            }
            return Json.parseObject(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(LIMIT)) {
                throw new IllegalStateException("the agent does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
