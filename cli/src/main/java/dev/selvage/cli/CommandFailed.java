package dev.selvage.cli;

/** Ends a command with one clear line: what is wrong and what to do. */
final class CommandFailed extends RuntimeException {
    CommandFailed(String message) {
        super(message);
    }

    CommandFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
