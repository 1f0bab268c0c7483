package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The secrets that lie in an installation's own files: the site's token, keys of node and centre, credentials of the kubeconfig. */
final class FileSecrets {
    private static final long LARGEST = 64 * 1024;
    private static final Set<String> CREDENTIALS = Set.of("client-key-data", "token", "password");

    private FileSecrets() {}

    static void collect(Home home, KnownSecrets secrets) {
        whole(home.node().resolve("site.token"), secrets);
        binary(home.node().resolve("pod-tokens.key"), secrets);
        for (Path directory : List.of(home.node(), home.node().resolve("identity"), home.centre())) {
            keys(directory, secrets);
        }
        kubeconfig(home.kubeconfig(), secrets);
    }

    private static void whole(Path file, KnownSecrets secrets) {
        try {
            secrets.add(Files.readString(file));
        } catch (IOException absent) {
            // there is no such secret
        }
    }

    private static void binary(Path file, KnownSecrets secrets) {
        try {
            byte[] key = Files.readAllBytes(file);
            secrets.add(Base64.getEncoder().encodeToString(key));
            secrets.add(java.util.HexFormat.of().formatHex(key));
        } catch (IOException absent) {
            // there is no such secret
        }
    }

    /** PEM files with a private key in them. */
    private static void keys(Path directory, KnownSecrets secrets) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.size(file) <= LARGEST) {
                    String text = new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
                    int from = text.indexOf("-----BEGIN");
                    while (from >= 0) {
                        int to = text.indexOf("-----END", from);
                        String block = text.substring(from, to < 0 ? text.length() : to);
                        if (block.startsWith("PRIVATE KEY", block.indexOf("BEGIN ") + 6)
                                || block.lines().findFirst().orElse("").contains("PRIVATE KEY")) {
                            secrets.add(block.substring(block.indexOf('\n') + 1));
                        }
                        from = to < 0 ? -1 : text.indexOf("-----BEGIN", to);
                    }
                }
            }
        } catch (IOException absent) {
            // no such part
        }
    }

    private static void kubeconfig(Path file, KnownSecrets secrets) {
        try {
            for (JsonNode config : Manifests.parse(Files.readString(file))) {
                for (JsonNode user : config.path("users")) {
                    user.path("user").properties().stream()
                            .filter(p -> CREDENTIALS.contains(p.getKey()))
                            .forEach(p -> secrets.add(p.getValue().asText()));
                }
            }
        } catch (IOException | RuntimeException unreadable) {
            // a file that nobody can read is not in the bundle either
        }
    }
}
