package dev.selvage.workloads;

/** What a command inside a container did. */
public sealed interface ExecOutcome {
    /** @param output standard output and error, cut at 10 KiB */
    record Ended(int exitCode, String output) implements ExecOutcome {}

    record TimedOut() implements ExecOutcome {}

    record NotPossible(String message) implements ExecOutcome {}
}
