package dev.selvage.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** One installation: every file of it lies below one directory. */
record Home(Path directory) {
    private static final List<String> PARTS = List.of(
            "centre",
            "node",
            "plant",
            "logs",
            "run",
            "kubeconfig",
            "kubeconfig.tmp",
            "selvage.json.next",
            "selvage.json");

    static Home of(Path chosen) {
        return new Home(chosen.toAbsolutePath().normalize());
    }

    /** What the installation was made with; kept so that later commands need no options. */
    record Settings(Ports ports, String nodeName, boolean examples, boolean centre, String listen, int rooms) {
        Settings(Ports ports, String nodeName, boolean examples, boolean centre, String listen) {
            this(ports, nodeName, examples, centre, listen, 1);
        }
    }

    Path kubeconfig() {
        return directory.resolve("kubeconfig");
    }

    Path centre() {
        return directory.resolve("centre");
    }

    Path node() {
        return directory.resolve("node");
    }

    Path plant() {
        return directory.resolve("plant");
    }

    Path log(String component) {
        return directory.resolve("logs").resolve(component + ".log");
    }

    Path pidFile(String component) {
        return directory.resolve("run").resolve(component + ".pid");
    }

    boolean exists() {
        return Files.isRegularFile(settingsFile());
    }

    /** Makes the directories, readable by the owner only. */
    void prepare() {
        try {
            for (Path part : new Path[] {
                directory, centre(), node(), plant(), directory.resolve("logs"), directory.resolve("run")
            }) {
                Files.createDirectories(part);
            }
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x--x"));
            Path probe = Files.createTempFile(directory, "write", ".probe");
            Files.delete(probe);
        } catch (IOException e) {
            throw new CommandFailed(
                    "cannot write to " + directory + " (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "). Choose another directory with --home DIR",
                    e);
        }
    }

    Settings settings() {
        if (!exists()) {
            throw new CommandFailed("there is no installation in " + directory
                    + ". Make one with ./selvage up, or name another with --home DIR");
        }
        try {
            ObjectNode json = Json.parseObject(Files.readAllBytes(settingsFile()));
            return new Settings(
                    new Ports(json.path("portBase").asInt(Ports.DEFAULT_BASE)),
                    json.path("nodeName").asText("edge-1"),
                    json.path("examples").asBoolean(true),
                    json.path("centre").asBoolean(true),
                    json.path("listen").asText("127.0.0.1"),
                    json.path("rooms").asInt(1));
        } catch (IOException | JsonException e) {
            throw new CommandFailed("cannot read " + settingsFile() + ": " + e.getMessage(), e);
        }
    }

    void save(Settings settings) {
        ObjectNode json = Json.object()
                .put("portBase", settings.ports().base())
                .put("nodeName", settings.nodeName())
                .put("examples", settings.examples())
                .put("centre", settings.centre())
                .put("listen", settings.listen())
                .put("rooms", settings.rooms());
        try {
            Path next = Files.write(directory.resolve("selvage.json.next"), Json.bytes(json));
            Files.move(next, settingsFile(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CommandFailed("cannot write " + settingsFile() + ": " + e.getMessage(), e);
        }
    }

    /** Deletes what an installation makes, and its directory if nothing else is in it; gives the names of what is. */
    List<String> delete() throws IOException {
        for (String part : PARTS) {
            Installation.deleteTree(directory.resolve(part));
        }
        List<String> foreign;
        try (Stream<Path> left = Files.list(directory)) {
            foreign = left.map(file -> file.getFileName().toString()).sorted().toList();
        }
        if (foreign.isEmpty()) {
            Files.delete(directory);
        }
        return foreign;
    }

    private Path settingsFile() {
        return directory.resolve("selvage.json");
    }
}
