package dev.selvage.store;

/** The database cannot be reached or is too slow now. Of a write that was already on its way the outcome is unknown, and the message says so. */
public final class StoreUnavailableException extends StoreException {
    public StoreUnavailableException(String message) {
        super(message);
    }

    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
