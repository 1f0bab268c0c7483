package dev.selvage.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The agent's directory: its configuration and its identity. */
final class NodeHome {
    private NodeHome() {}

    static boolean enrolled(Home home) {
        return Files.exists(home.node().resolve("identity/identity.pem"));
    }

    static void configure(Home home, Home.Settings settings) {
        Path file = home.node().resolve("agent.properties");
        try {
            Files.writeString(file, "loopback-port=" + settings.ports().node() + "\n");
        } catch (IOException e) {
            throw new CommandFailed("cannot write " + file + ": " + e.getMessage(), e);
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
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new CommandFailed("the centre did not accept this machine as a node: " + output.strip());
            }
        } catch (IOException e) {
            throw new CommandFailed("cannot run the agent: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted", e);
        }
    }
}
