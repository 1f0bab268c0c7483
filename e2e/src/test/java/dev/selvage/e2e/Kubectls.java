package dev.selvage.e2e;

import dev.selvage.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The kubectls of this machine, each version once: the distribution's, and newer ones where they are installed. */
final class Kubectls {
    private static final List<Path> PLACES =
            List.of(Path.of("/usr/bin"), Path.of("/usr/local/bin"), Path.of("/usr/lib/google-cloud-sdk/bin"));

    private Kubectls() {}

    static List<String> all() {
        Set<String> versions = new HashSet<>();
        List<String> found = new ArrayList<>();
        for (Path place : PLACES) {
            if (!Files.isDirectory(place)) {
                continue;
            }
            try (Stream<Path> files = Files.list(place)) {
                files.filter(f -> f.getFileName().toString().matches("kubectl(\\.1\\.\\d+)?"))
                        .map(Path::toString)
                        .sorted()
                        .filter(program -> versions.add(version(program, "gitVersion")))
                        .forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    /** The 30 of 1.30. */
    static int minor(String program) {
        return Integer.parseInt(version(program, "minor").replaceAll("\\D.*", ""));
    }

    private static String version(String program, String field) {
        String version = new Command(List.of(program, "version", "--client", "-o", "json"))
                .run(Eventually.LIMIT)
                .succeeded()
                .output();
        return Json.textAt(Json.parseObject(version), "clientVersion", field);
    }
}
