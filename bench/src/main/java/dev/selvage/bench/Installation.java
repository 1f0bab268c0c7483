package dev.selvage.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.cli.Kubeconfig;
import dev.selvage.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** A real installation in a directory of its own, driven by the launcher as a user would; gone after {@link #close}. */
public final class Installation implements AutoCloseable {
    /** Option of {@code up}. */
    static final String ENGINE = "--container-engine";

    public static final String NODE = "edge-1";
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Context context;
    private final Path directory;
    private final Path home;
    private final int portBase = freePorts();
    /** For Ctrl-C: an agent's pods would go on. */
    private final Thread interrupted = new Thread(this::remove);

    private Installation(Context context) throws IOException {
        this.context = context;
        this.directory = Files.createTempDirectory("selvage-bench");
        this.home = directory.resolve("home");
        Runtime.getRuntime().addShutdownHook(interrupted);
    }

    /** {@code ./selvage up} with the given options; without containers, whatever this machine has, unless they name an engine. */
    public static Installation up(Context context, String... options) throws IOException {
        Installation installation = new Installation(context);
        context.say("starting an installation ...");
        List<String> line = new ArrayList<>(List.of("up", "--port-base", Integer.toString(installation.portBase)));
        line.addAll(List.of(options));
        if (!line.contains(ENGINE)) {
            line.addAll(List.of(ENGINE, "none"));
        }
        try {
            installation.selvage(line.toArray(String[]::new));
        } catch (IOException | RuntimeException e) {
            installation.close();
            throw e;
        }
        return installation;
    }

    public Path home() {
        return home;
    }

    public int hubPort() {
        return portBase + 1;
    }

    public int modbusPort() {
        return portBase + 4;
    }

    /** The node's own answer over its loopback API, as the site's people ask it. */
    public JsonNode node(String path) throws IOException {
        String token = Files.readString(home.resolve("node/site.token")).strip();
        var connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + (portBase + 3) + path).toURL().openConnection();
        connection.setRequestProperty("Authorization", "Bearer " + token);
        connection.setConnectTimeout(5_000);
        connection.setReadTimeout(10_000);
        try (InputStream body = connection.getInputStream()) {
            return Json.parseObject(body.readAllBytes());
        } finally {
            connection.disconnect();
        }
    }

    int databasePort() {
        return portBase + 2;
    }

    /** Of the embedded PostgreSQL's user {@code selvage}. */
    String databasePassword() throws IOException {
        return Files.readString(home.resolve("centre/postgres/password")).strip();
    }

    Kubeconfig kubeconfig() {
        return Kubeconfig.read(home.resolve("kubeconfig"));
    }

    public Api api() {
        return new Api(Kubeconfig.read(home.resolve("kubeconfig")));
    }

    public void selvage(String... arguments) throws IOException {
        run(home, List.of(arguments));
    }

    /** {@code ./selvage COMMAND … --home HOME}; what it printed. */
    String run(Path home, List<String> arguments) throws IOException {
        List<String> line =
                new ArrayList<>(List.of(context.root().resolve("selvage").toString()));
        line.addAll(arguments);
        line.addAll(List.of("--home", home.toString()));
        Path output = Files.createTempFile("selvage-bench", ".out");
        try {
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            if (!ended || process.exitValue() != 0) {
                throw new IOException(String.join(" ", line) + " failed: " + Files.readString(output));
            }
            return Files.readString(output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    public long pid(String component) throws IOException {
        return Long.parseLong(Files.readString(home.resolve("run").resolve(component + ".pid"))
                .split(" ")[0]);
    }

    /** SIGKILL: no handler runs, nothing is flushed. */
    public void kill(String component) throws IOException {
        Processes.kill(List.of(pid(component)));
    }

    @Override
    public void close() throws IOException {
        Runtime.getRuntime().removeShutdownHook(interrupted);
        remove();
    }

    private void remove() {
        try {
            if (Files.exists(home.resolve("selvage.json"))) {
                selvage("uninstall", "--yes");
            }
            Context.delete(directory);
        } catch (IOException e) {
            context.say("could not take " + directory + " away: " + e.getMessage());
        }
    }

    /** A base below the ephemeral range whose ports nobody has. */
    static int freePorts() {
        while (true) {
            int base = ThreadLocalRandom.current().nextInt(17_000, 30_000);
            boolean free = true;
            for (int port = base; port < base + 8 && free; port++) {
                free = free(port);
            }
            if (free) {
                return base;
            }
        }
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }
}
