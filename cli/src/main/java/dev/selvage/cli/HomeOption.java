package dev.selvage.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that each command shares. */
final class HomeOption {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            description =
                    "directory of the installation; all state is below it (default: $SELVAGE_HOME, or .selvage in the checkout)")
    private @Nullable Path directory;

    Home home() {
        String named = System.getenv().getOrDefault("SELVAGE_HOME", "");
        Path usual = named.isEmpty() ? Distribution.root().resolve(".selvage") : Path.of(named);
        return Home.of(directory != null ? directory : usual);
    }
}
