package dev.selvage.backup;

import org.jspecify.annotations.Nullable;

/** A backup cannot be made or restored; the message says why and, after a restore, that nothing was replaced. */
public final class BackupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BackupException(String message) {
        super(message);
    }

    BackupException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
