package dev.selvage.bench;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What to fuzz, and how to make one input again. */
final class FuzzOptions {
    @Option(names = "--door", paramLabel = "NAME", defaultValue = "", description = "fuzz: this one only")
    String door = "";

    @Option(names = "--seed", paramLabel = "N", description = "fuzz, chaos: instead of a fresh one")
    @Nullable
    Long seed;

    @Option(
            names = "--input",
            paramLabel = "N",
            description = "fuzz: only this input of the seed, to see a finding again")
    @Nullable
    Long input;
}
