package dev.selvage.store;

/** The database cannot be reached or is too slow now. Of a write that was already on its way the outcome is unknown, and the message says so. */
public final class StoreUnavailableException extends StoreException {
    StoreUnavailableException(String message) {
        super(message);
    }

    StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
