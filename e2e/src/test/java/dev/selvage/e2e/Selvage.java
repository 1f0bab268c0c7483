package dev.selvage.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** One real installation, used as a user would: by the launcher, kubectl and signals. */
final class Selvage implements AutoCloseable {
    /** Option of {@code up}. */
    static final String ENGINE = "--container-engine";

    /** Longer than what a command waits for by itself. */
    private static final Duration COMMAND = Eventually.LIMIT.plusMinutes(2);

    private static final Duration ANSWER = Duration.ofMinutes(1);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Path home;
    private final int portBase;

    Selvage(Path home) {
        this(home, freePorts());
    }

    Selvage(Path home, int portBase) {
        this.home = home;
        this.portBase = portBase;
    }

    Path home() {
        return home;
    }

    /** What the centre is to read when it starts; before {@link #up}. */
    Selvage centreOptions(String properties) throws IOException {
        Files.writeString(Files.createDirectories(home.resolve("centre")).resolve("centre.properties"), properties);
        return this;
    }

    /** How many such lines the centre has logged, over all its starts. */
    long centreLogged(Predicate<String> wanted) throws IOException {
        try (Stream<String> lines = Files.lines(home.resolve("logs/centre.log"))) {
            return lines.filter(wanted).count();
        }
    }

    int portBase() {
        return portBase;
    }

    int hubPort() {
        return portBase + 1;
    }

    int nodePort() {
        return portBase + 3;
    }

    int plantPort() {
        return portBase + 5;
    }

    int pagePort() {
        return portBase + 6;
    }

    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("selvage"))) {
            here = Objects.requireNonNull(here.getParent(), "no launcher above the working directory");
        }
        return here;
    }

    /** {@code ./selvage COMMAND … --home HOME}. */
    Command.Result selvage(String... arguments) {
        return launcher(arguments).run(COMMAND);
    }

    Command launcher(String... arguments) {
        List<String> line = new ArrayList<>(List.of(root().resolve("selvage").toString()));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--home", home.toString()));
        return new Command(line);
    }

    /** Without containers, unless the options name an engine: this machine's own is not a test's to fill. */
    Selvage up(String... options) {
        List<String> line = new ArrayList<>(List.of("up", "--port-base", Integer.toString(portBase)));
        line.addAll(List.of(options));
        if (!line.contains(ENGINE) && !Files.exists(home.resolve("node/agent.properties"))) {
            line.addAll(List.of(ENGINE, "none"));
        }
        selvage(line.toArray(String[]::new)).succeeded();
        return this;
    }

    Command.Result kubectl(String... arguments) {
        return kubectlWithInput("", arguments);
    }

    Command.Result kubectlWithInput(String input, String... arguments) {
        List<String> line = new ArrayList<>(List.of("kubectl"));
        line.addAll(List.of(arguments));
        return new Command(line)
                .environment("KUBECONFIG", home.resolve("kubeconfig").toString())
                .input(input)
                .run(COMMAND);
    }

    /** The client that Java programs use; the caller closes it. */
    KubernetesClient fabric8() {
        try {
            return new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(Files.readString(home.resolve("kubeconfig"))))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ObjectNode get(String... arguments) {
        List<String> line = new ArrayList<>(List.of("get", "-o", "json"));
        line.addAll(List.of(arguments));
        return Json.parseObject(kubectl(line.toArray(String[]::new)).succeeded().output());
    }

    JsonNode telemetry(String query) {
        return Json.parseObject(kubectl("get", "--raw", "/apis/telemetry.selvage.dev/v1alpha1" + query)
                .succeeded()
                .output());
    }

    /** The node's own answer over its loopback API, as the site's people ask it. */
    ObjectNode node(String path) {
        try {
            String token = Files.readString(home.resolve("node/site.token")).strip();
            return http(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + nodePort() + path))
                    .header("Authorization", "Bearer " + token));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ObjectNode plant(String path) {
        return http(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plantPort() + path)));
    }

    void actOnPlant(String path) {
        http(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plantPort() + path))
                .POST(HttpRequest.BodyPublishers.noBody()));
    }

    long pid(String component) {
        try {
            return Long.parseLong(Files.readString(home.resolve("run").resolve(component + ".pid"))
                    .split(" ")[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** So that what is used of its heap afterwards is what lives. */
    void collectGarbage(String component) {
        new Command(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid(component)),
                        "GC.run"))
                .run(COMMAND)
                .succeeded();
    }

    /** SIGKILL: no handler runs, nothing is flushed. */
    void kill9(String component) {
        ProcessHandle process = ProcessHandle.of(pid(component)).orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        if (Files.exists(home.resolve("selvage.json"))) {
            selvage("down");
        }
    }

    private static ObjectNode http(HttpRequest.Builder request) {
        try {
            var answer = HTTP.send(request.timeout(ANSWER).build(), BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("answer " + answer.statusCode() + ": " + answer.body());
            }
            return Json.parseObject(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A base below the ephemeral range whose ports nobody has. */
    static int freePorts() {
        while (true) {
            int base = ThreadLocalRandom.current().nextInt(17_000, 30_000);
            boolean free = true;
            for (int port = base; port < base + 8 && free; port++) {
                try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                    free = socket.isBound();
                } catch (IOException taken) {
                    free = false;
                }
            }
            if (free) {
                return base;
            }
        }
    }
}
