package dev.selvage.api;

import dev.selvage.model.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real kubectl with a home directory of its own. */
final class Kubectl {
    record Result(int exit, String out, String err) {}

    private final String program;
    private final Path home;
    private final Path kubeconfig;
    private final Map<String, String> environment = new LinkedHashMap<>();

    Kubectl(String program, Path home, Path kubeconfig) {
        this.program = program;
        this.home = home;
        this.kubeconfig = kubeconfig;
    }

    /** Debian's on the PATH, and the newer ones that a Google Cloud SDK brings; at least one must be there. */
    static List<String> programs() {
        List<String> found = new ArrayList<>();
        for (String directory : String.valueOf(System.getenv("PATH")).split(":")) {
            Path candidate = Path.of(directory, "kubectl");
            if (found.isEmpty() && Files.isExecutable(candidate)) {
                found.add(candidate.toString());
            }
        }
        Path sdk = Path.of("/usr/lib/google-cloud-sdk/bin");
        if (Files.isDirectory(sdk)) {
            try (Stream<Path> files = Files.list(sdk)) {
                files.map(Path::toString)
                        .filter(f -> f.endsWith("kubectl.1.27") || f.endsWith("kubectl.1.33"))
                        .sorted()
                        .forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalStateException("no kubectl on the PATH: install the package kubernetes-client");
        }
        return found;
    }

    Kubectl with(String variable, String value) {
        Kubectl other = new Kubectl(program, home, kubeconfig);
        other.environment.putAll(environment);
        other.environment.put(variable, value);
        return other;
    }

    Process start(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        builder.environment().put("HOME", home.toString());
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs to the end, at most a minute. */
    Result run(String stdin, String... arguments) {
        try {
            Process process = start(arguments);
            try (OutputStream in = process.getOutputStream()) {
                in.write(stdin.getBytes(StandardCharsets.UTF_8));
            }
            StringBuilder err = new StringBuilder();
            Thread errors = Thread.ofVirtual().start(() -> err.append(read(process.getErrorStream())));
            String out = read(process.getInputStream());
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("kubectl " + String.join(" ", arguments) + " did not end");
            }
            errors.join();
            return new Result(process.exitValue(), out, err.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Runs and demands success; answers what it printed. */
    String ok(String... arguments) {
        return apply("", arguments);
    }

    String apply(String stdin, String... arguments) {
        Result result = run(stdin, arguments);
        if (result.exit() != 0) {
            throw new AssertionError(
                    program + " " + String.join(" ", arguments) + " failed: " + result.err() + result.out());
        }
        return result.out();
    }

    /** The 30 of 1.30. */
    int minor() {
        String version = ok("version", "--client", "-o", "json");
        return Integer.parseInt(
                Json.textAt(Json.parseObject(version), "clientVersion", "minor").replaceAll("\\D.*", ""));
    }

    private static String read(java.io.InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
