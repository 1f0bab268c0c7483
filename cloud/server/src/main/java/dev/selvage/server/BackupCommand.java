package dev.selvage.server;

import dev.selvage.backup.Backup;
import dev.selvage.backup.BackupException;
import dev.selvage.backup.DatabaseAddress;
import dev.selvage.backup.Listener;
import dev.selvage.backup.Restore;
import dev.selvage.backup.Summary;
import dev.selvage.store.EmbeddedPostgres;
import dev.selvage.store.StoreConfig;
import dev.selvage.store.StoreException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * {@code backup} and {@code restore}: beside a running centre, whose embedded database is found by its files, or alone, when the embedded database is started for as
 * long as it takes.
 */
final class BackupCommand {
    static final Set<String> NAMES = Set.of("backup", "restore");

    private BackupCommand() {}

    /** Exit status 0, or 1 with one line on {@code err} that says why. */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        try {
            BackupOptions options = BackupOptions.parse(Arrays.asList(arguments).subList(1, arguments.length));
            Listener progress = new BackupProgress(out);
            out.println(arguments[0].equals("backup") ? backup(options, progress) : restore(options, progress));
            return 0;
        } catch (IllegalArgumentException | BackupException | StoreException e) {
            err.println("selvage: " + e.getMessage());
            return 1;
        }
    }

    private static String backup(BackupOptions options, Listener progress) {
        Summary made = withDatabase(
                options,
                () -> {
                    if (!Files.isDirectory(postgres(options).resolve("data"))) {
                        throw new IllegalArgumentException("there is no centre in " + options.home());
                    }
                },
                address -> Backup.write(
                        address, options.file(), options.telemetry(), options.force(), options.passphrase(), progress));
        return "Backed up " + made.objects() + " objects at revision " + made.revision() + " to " + options.file()
                + "\n"
                + (options.passphrase().isPresent()
                        ? "It is encrypted: without the passphrase nobody can restore it."
                        : "It holds the key of the CA and every Secret, unencrypted: keep it like a root password.");
    }

    private static String restore(BackupOptions options, Listener progress) {
        if (options.telemetry()) {
            throw new IllegalArgumentException("--telemetry: a restore takes what the backup has");
        }
        Summary restored = withDatabase(
                options,
                () -> {
                    if (EmbeddedPostgres.running(postgres(options)).isPresent()) {
                        throw new IllegalArgumentException(
                                "nothing was replaced; the centre in " + options.home() + " is running: stop it first");
                    }
                },
                address -> Restore.run(address, options.file(), options.force(), options.passphrase(), progress));
        return "Restored " + restored.objects() + " objects of " + restored.createdAt() + ", revision "
                + restored.revision() + (restored.telemetry() ? ", with telemetry" : "")
                + "\nThe store has a new incarnation: what nodes have and the backup lacks is held until you approve"
                + " its deletion (./selvage approve).";
    }

    /** @param precondition of the embedded database */
    private static Summary withDatabase(
            BackupOptions options, Runnable precondition, Function<DatabaseAddress, Summary> work) {
        if (options.database().isPresent()) {
            return work.apply(
                    new DatabaseAddress(options.database().get(), options.databaseUser(), options.databasePassword()));
        }
        precondition.run();
        Optional<StoreConfig> running = EmbeddedPostgres.running(postgres(options));
        if (running.isPresent()) {
            return work.apply(address(running.get()));
        }
        try (EmbeddedPostgres own = EmbeddedPostgres.start(postgres(options), 0)) {
            return work.apply(new DatabaseAddress(own.jdbcUrl(), own.user(), own.password()));
        }
    }

    private static DatabaseAddress address(StoreConfig config) {
        return new DatabaseAddress(config.jdbcUrl(), config.user(), config.password());
    }

    private static Path postgres(BackupOptions options) {
        return options.home().resolve("postgres");
    }
}
