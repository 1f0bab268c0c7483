package dev.selvage.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the commands {@code backup} and {@code restore} are told: {@code FILE [--home DIR | --database-url URL [--database-user NAME]] [--passphrase-file FILE]
 * [--force] [--telemetry]}.
 *
 * @param home of the centre, whose embedded database is meant when there is no {@code database}
 * @param telemetry of a backup: take the telemetry along
 */
record BackupOptions(
        Path file,
        Path home,
        Optional<String> database,
        String databaseUser,
        String databasePassword,
        Optional<String> passphrase,
        boolean force,
        boolean telemetry) {
    private static final Set<String> VALUES = Set.of("home", "database-url", "database-user", "passphrase-file");
    private static final Set<String> FLAGS = Set.of("force", "telemetry");

    /** @throws IllegalArgumentException naming the option, what was found and what is accepted */
    static BackupOptions parse(List<String> arguments) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            String name = argument.startsWith("--") ? argument.substring(2) : "";
            if (VALUES.contains(name) && i + 1 < arguments.size()) {
                given.put(name, arguments.get(++i));
            } else if (FLAGS.contains(name)) {
                given.put(name, "");
            } else if (argument.startsWith("--") || given.putIfAbsent("file", argument) != null) {
                throw new IllegalArgumentException("option: found " + argument
                        + ", accepted are FILE, --home, --database-url, --database-user, --passphrase-file with a value,"
                        + " --force, --telemetry");
            }
        }
        String file = given.get("file");
        if (file == null) {
            throw new IllegalArgumentException("FILE: found nothing, accepted is the path of the backup");
        }
        return new BackupOptions(
                Path.of(file).toAbsolutePath(),
                Path.of(given.getOrDefault("home", ".selvage/centre")).toAbsolutePath(),
                Optional.ofNullable(given.get("database-url")),
                given.getOrDefault("database-user", "selvage"),
                Optional.ofNullable(System.getenv("SELVAGE_DATABASE_PASSWORD")).orElse(""),
                Optional.ofNullable(given.get("passphrase-file")).map(name -> passphrase(Path.of(name))),
                given.containsKey("force"),
                given.containsKey("telemetry"));
    }

    /** The first line of a file: a command line is seen by every user of the machine. */
    private static String passphrase(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.findFirst()
                    .filter(line -> !line.isBlank())
                    .orElseThrow(() -> new IllegalArgumentException(
                            "--passphrase-file: found an empty first line in " + file + ", accepted is a passphrase"));
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new IllegalArgumentException("--passphrase-file: " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
