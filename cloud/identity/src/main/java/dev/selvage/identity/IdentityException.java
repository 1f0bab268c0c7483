package dev.selvage.identity;

import org.jspecify.annotations.Nullable;

/** Identity cannot answer now: the database is away, or what it holds cannot be used. */
public final class IdentityException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    IdentityException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
