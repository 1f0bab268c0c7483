package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that is run as a user would run it. */
final class Command {
    private final List<String> line;
    private final Map<String, String> environment = new HashMap<>();
    private String input = "";

    Command(List<String> line) {
        this.line = List.copyOf(line);
    }

    /** What it printed (both streams, in order) and how it ended. */
    record Result(List<String> line, int exit, String output) {
        Result succeeded() {
            assertThat(exit).as("%s%n%s", line, output).isZero();
            return this;
        }

        Result failed() {
            assertThat(exit).as("%s%n%s", line, output).isNotZero();
            return this;
        }
    }

    Command environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Command input(String text) {
        this.input = text;
        return this;
    }

    Result run(Duration limit) {
        try {
            Path output = Files.createTempFile("selvage-e2e", ".out");
            Path given = Files.writeString(Files.createTempFile("selvage-e2e", ".in"), input);
            try {
                ProcessBuilder builder = new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectInput(given.toFile())
                        .redirectOutput(output.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                    throw new AssertionError(line + " did not end within " + limit + ": " + Files.readString(output));
                }
                return new Result(
                        line, process.exitValue(), new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
            } finally {
                Files.deleteIfExists(output);
                Files.deleteIfExists(given);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
