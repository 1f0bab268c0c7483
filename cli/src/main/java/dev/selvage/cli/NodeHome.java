package dev.selvage.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The agent's directory: its configuration and its identity. */
final class NodeHome {
    private static final String ENGINE = "container-engine";
    private static final String DEFAULT_ENGINE = "/var/run/docker.sock";
    private static final Duration ENROLMENT = Duration.ofMinutes(2);

    private NodeHome() {}

    static boolean enrolled(Home home) {
        return Files.exists(home.node().resolve("identity/identity.pem"));
    }

    static void configure(Home home, Home.Settings settings) {
        set(home, "loopback-port", Integer.toString(settings.ports().node()));
    }

    /** Path of the container engine's socket, or {@code none}. */
    static String containerEngine(Home home) {
        return lines(config(home)).stream()
                .filter(line -> sets(line, ENGINE))
                .map(line -> line.substring(line.indexOf('=') + 1).strip())
                .findFirst()
                .orElse(DEFAULT_ENGINE);
    }

    /**
     * Chooses the container engine of a node that is yet to be made.
     *
     * @throws CommandFailed where the node is there and has another one
     */
    static void chooseContainerEngine(Home home, String engine) {
        if (!engine.equals("none") && !engine.startsWith("/")) {
            throw new CommandFailed("--container-engine: found \"" + engine
                    + "\", accepted is none, or the absolute path of an engine's Unix socket");
        }
        if (!enrolled(home)) {
            set(home, ENGINE, engine);
            return;
        }
        String has = containerEngine(home);
        if (!has.equals(engine)) {
            throw new CommandFailed("--container-engine: this node has " + has + ". Change " + ENGINE + " in "
                    + config(home) + ", and restart its agent: ./selvage stop agent, ./selvage start agent");
        }
    }

    private static Path config(Home home) {
        return home.node().resolve("agent.properties");
    }

    private static void set(Home home, String key, String value) {
        Path file = config(home);
        List<String> lines = new ArrayList<>(lines(file));
        lines.removeIf(line -> sets(line, key));
        lines.add(key + "=" + value);
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new CommandFailed("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static boolean sets(String line, String key) {
        return line.contains("=")
                && line.substring(0, line.indexOf('=')).strip().equals(key);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new CommandFailed("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    static void enrol(Home home, Home.Settings settings, JoinCode code) {
        List<String> command = new ArrayList<>(Distribution.agent(
                "enroll",
                "--home",
                home.node().toString(),
                "--hub",
                code.hub(),
                "--ca-fingerprint",
                code.fingerprint(),
                "--token",
                code.token(),
                "--node-name",
                settings.nodeName()));
        try {
            Program.Ended enrolled = Program.run(ENROLMENT, command);
            if (!enrolled.well()) {
                throw new CommandFailed("the centre did not accept this machine as a node: "
                        + enrolled.output().strip());
            }
        } catch (IOException e) {
            throw new CommandFailed("cannot run the agent: " + e.getMessage(), e);
        }
    }
}
