package dev.selvage.store;

/** A revision that this store has not reached (upstream: 504 Timeout, cause ResourceVersionTooLarge). */
public final class FutureRevisionException extends StoreException {
    private final long current;

    FutureRevisionException(long asked, long current) {
        super("Too large resource version: " + asked + ", current: " + current);
        this.current = current;
    }

    public long current() {
        return current;
    }
}
