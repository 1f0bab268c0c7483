package dev.selvage.workloads;

/** How a command with streams came to its end. */
public sealed interface ExecEnd {
    /** @param code 128 + the signal's number for a command that a signal ended */
    record Exited(int code) implements ExecEnd {}

    /** @param message why it was not run, for the user */
    record NotPossible(String message) implements ExecEnd {}
}
