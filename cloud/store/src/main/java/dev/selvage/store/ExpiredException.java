package dev.selvage.store;

/** A continue token whose snapshot is gone (upstream: 410 Expired). */
public final class ExpiredException extends StoreException {
    private final String freshToken;

    ExpiredException(String freshToken) {
        super("The provided continue parameter is too old to display a consistent list result."
                + " Start a new list, or continue with the given token and accept an inconsistent list.");
        this.freshToken = freshToken;
    }

    /** Continues after the same object at the current revision. */
    public String freshToken() {
        return freshToken;
    }
}
