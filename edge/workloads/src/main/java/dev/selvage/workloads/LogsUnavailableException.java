package dev.selvage.workloads;

/** There is no such pod, container or run; the message says which and what there is. */
public final class LogsUnavailableException extends RuntimeException {
    LogsUnavailableException(String message) {
        super(message);
    }
}
