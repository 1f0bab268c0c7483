package dev.selvage.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Backup and restore of a centre's database and CA; the work is done by the centre's own program. */
final class BackupCommands {
    private BackupCommands() {}

    /** Where the database is, and how the file is encrypted. */
    static final class Shared {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Parameters(paramLabel = "FILE", description = "the backup")
        private @Nullable Path file;

        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "its first line encrypts the backup (AES-256-GCM)")
        private @Nullable Path passphraseFile;

        @Option(
                names = "--database-url",
                paramLabel = "URL",
                description =
                        "jdbc:postgresql://HOST:PORT/DATABASE of a centre with a PostgreSQL of yours; the password is in SELVAGE_DATABASE_PASSWORD")
        private @Nullable String databaseUrl;

        @Option(
                names = "--database-user",
                paramLabel = "NAME",
                defaultValue = "selvage",
                description = "default: selvage")
        private String databaseUser = "selvage";

        int run(String command, String... flags) {
            List<String> line = new ArrayList<>(List.of(command, String.valueOf(file)));
            if (databaseUrl == null) {
                Home home = homeOption.home();
                if (command.equals("restore")) {
                    home.prepare();
                } else {
                    home.settings();
                }
                line.addAll(List.of("--home", home.centre().toString()));
            } else {
                line.addAll(List.of("--database-url", databaseUrl, "--database-user", databaseUser));
            }
            if (passphraseFile != null) {
                line.addAll(List.of("--passphrase-file", passphraseFile.toString()));
            }
            line.addAll(List.of(flags));
            return call(Distribution.centreCommand(line));
        }

        private static int call(List<String> line) {
            try {
                return new ProcessBuilder(line).inheritIO().start().waitFor();
            } catch (IOException e) {
                throw new CommandFailed("cannot run the centre's program: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailed("interrupted", e);
            }
        }
    }

    @Command(
            name = "backup",
            mixinStandardHelpOptions = true,
            description = {
                "Writes the centre's objects, identities and CA to one file, while it runs.",
                "The file holds the key of the CA and every Secret: keep it like a root password, or encrypt it."
            })
    static final class BackUp implements Callable<Integer> {
        @Mixin
        private Shared shared = new Shared();

        @Option(names = "--telemetry", description = "take the telemetry along")
        private boolean telemetry;

        @Option(names = "--force", description = "replace FILE if it is there")
        private boolean force;

        @Override
        public Integer call() {
            List<String> flags = new ArrayList<>();
            if (telemetry) {
                flags.add("--telemetry");
            }
            if (force) {
                flags.add("--force");
            }
            return shared.run("backup", flags.toArray(String[]::new));
        }
    }

    @Command(
            name = "restore",
            mixinStandardHelpOptions = true,
            description = {
                "Puts a backup in the place of what a stopped centre has, all or nothing.",
                "Nodes keep what they have until you approve its deletion: ./selvage approve"
            })
    static final class PutBack implements Callable<Integer> {
        @Mixin
        private Shared shared = new Shared();

        @Option(names = "--force", description = "replace the objects, identities and CA that are there")
        private boolean force;

        @Override
        public Integer call() {
            return force ? shared.run("restore", "--force") : shared.run("restore");
        }
    }
}
