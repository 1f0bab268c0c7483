package dev.selvage.fuzz;

import org.jspecify.annotations.Nullable;

/** An input that broke an invariant; the message says how to make it again. */
public final class FindingException extends Exception {
    FindingException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
