package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is on disk of one run: who the monitor is (written by the launching shell before bubblewrap exists), and what
 * bubblewrap says of child and exit code ({@code --json-status-fd}).
 *
 * @param directory of the run
 * @param status bubblewrap's file; all of them are in one directory, so that one watch sees every exit
 */
record RunFiles(Path directory, Path status) {
    /** The process that waits for the container and writes its exit code. */
    record Monitor(String bootId, ProcFs.Stat stat) {}

    /** @param child process 1 of the container, as a pid of the host; 0 = not there yet */
    record Status(long child, OptionalInt exitCode) {}

    static RunFiles of(Path home, RunId run) {
        return new RunFiles(
                home.resolve("runs")
                        .resolve(run.podUid())
                        .resolve(run.container())
                        .resolve(Integer.toString(run.attempt())),
                exits(home).resolve(run.podUid() + "." + run.container() + "." + run.attempt()));
    }

    static Path exits(Path home) {
        return home.resolve("exits");
    }

    /** The run behind a status file's name. */
    static Optional<RunId> runOf(Path statusFile) {
        List<String> parts = List.of(statusFile.getFileName().toString().split("\\."));
        if (parts.size() != 3 || !parts.get(2).matches("\\d{1,9}")) {
            return Optional.empty();
        }
        return Optional.of(new RunId(parts.get(0), parts.get(1), Integer.parseInt(parts.get(2))));
    }

    Path log() {
        return directory.resolve("log");
    }

    Path times() {
        return directory.resolve("times");
    }

    Path identity() {
        return directory.resolve("identity");
    }

    Path arguments() {
        return directory.resolve("arguments");
    }

    /** The same once more: a bit that flips in one of them must not have a container taken for ended. */
    Path identityCopy() {
        return directory.resolve("identity.copy");
    }

    /** Absent while the shell has not come so far: then nothing has been started. */
    Optional<Monitor> monitor() {
        Optional<Monitor> first = monitor(identity());
        if (first.filter(RunFiles::lives).isPresent()) {
            return first;
        }
        Optional<Monitor> copy = monitor(identityCopy());
        return copy.filter(RunFiles::lives).or(() -> first).or(() -> copy);
    }

    private static boolean lives(Monitor monitor) {
        return monitor.bootId().equals(ProcFs.bootId()) && RunProcesses.alive(monitor.stat());
    }

    private static Optional<Monitor> monitor(Path file) {
        List<String> lines = ProcFs.read(file).map(t -> t.lines().toList()).orElse(List.of());
        return lines.size() < 2
                ? Optional.empty()
                : ProcFs.parseStat(lines.get(1))
                        .map(stat -> new Monitor(lines.get(0).strip(), stat));
    }

    Status read() {
        long child = 0;
        OptionalInt exit = OptionalInt.empty();
        for (String line : ProcFs.read(status).orElse("").lines().toList()) {
            JsonNode document = parse(line);
            child = document.path("child-pid").asLong(child);
            exit = document.has("exit-code")
                    ? OptionalInt.of(document.path("exit-code").asInt())
                    : exit;
        }
        return new Status(child, exit);
    }

    Instant startedAt() {
        return modified(identity());
    }

    Instant finishedAt() {
        return modified(status);
    }

    /** The last bytes of the output. */
    String logTail(int bytes) {
        try (var channel = Files.newByteChannel(log())) {
            channel.position(Math.max(0, channel.size() - bytes));
            var buffer = java.nio.ByteBuffer.allocate(bytes);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
            return new String(buffer.array(), 0, buffer.position(), java.nio.charset.StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static Instant modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            return ProcFs.bootTime();
        }
    }

    private static JsonNode parse(String line) {
        try {
            return Json.parseObject(line);
        } catch (JsonException e) {
            return Json.object();
        }
    }
}
