package dev.selvage.telemetry;

/** The database does not answer, or refuses. What was being stored is not; the node keeps it. */
public final class TelemetryException extends RuntimeException {
    TelemetryException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
