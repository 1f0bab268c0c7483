package dev.selvage.workloads;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs the few programs of the host that the process runtime needs; always by absolute path and with a clean environment. */
final class Programs {
    private static final List<String> PLACES = List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin");
    private static final Map<String, String> CLEAN = Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");

    private Programs() {}

    static Optional<Path> find(String name) {
        return PLACES.stream()
                .map(place -> Path.of(place, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** @param exitCode -1 when the time was up and the program was killed */
    record Result(int exitCode, String output) {
        boolean ok() {
            return exitCode == 0;
        }
    }

    /** Output goes through a file, so that a child that outlives the program and holds the pipe cannot block us. */
    static Result run(List<String> command, Map<String, String> environment, Path output, Duration timeout)
            throws IOException {
        ProcessBuilder builder = builder(command, environment)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(output.toFile()));
        try {
            Process process = builder.start();
            boolean ended;
            try {
                ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                ended = false;
            }
            if (!ended) {
                killTree(process);
            }
            return new Result(ended ? process.exitValue() : -1, head(output));
        } finally {
            Files.deleteIfExists(output);
        }
    }

    static Result run(List<String> command, Path scratch) throws IOException {
        return run(command, CLEAN, Files.createTempFile(scratch, "out", ""), Duration.ofSeconds(10));
    }

    /** Starts a program that detaches itself at once; its complaints go to {@code errors}. */
    static void launch(List<String> command, Path errors) throws IOException {
        Process process = builder(command, CLEAN)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                killTree(process);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts a program with its streams connected to us, or with none of them. */
    static Process start(List<String> command, Map<String, String> environment, boolean connected) throws IOException {
        ProcessBuilder builder = builder(command, environment);
        return connected
                ? builder.redirectInput(ProcessBuilder.Redirect.PIPE).start()
                : builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
    }

    private static ProcessBuilder builder(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(new File("/"))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder;
    }

    private static void killTree(Process process) {
        List<ProcessHandle> tree = new ArrayList<>(process.descendants().toList());
        tree.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static String head(Path output) throws IOException {
        try (var in = Files.newInputStream(output)) {
            return new String(in.readNBytes(10 << 10), java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
