package dev.selvage.containers;

import java.io.IOException;

/** The engine answered with an error. */
final class EngineException extends IOException {
    private final int status;

    /** @param status of HTTP; 0 where the error came inside a stream */
    EngineException(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }

    boolean notFound() {
        return status == 404;
    }
}
