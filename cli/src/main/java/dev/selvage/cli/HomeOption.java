package dev.selvage.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that each command shares. */
final class HomeOption {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "directory of the installation; all state is below it (default: .selvage in the checkout)")
    private @Nullable Path directory;

    Home home() {
        return Home.of(directory != null ? directory : Distribution.root().resolve(".selvage"));
    }
}
