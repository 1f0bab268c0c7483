package dev.selvage.session;

import java.time.Duration;

/** The hub ended the session and said when to come back. */
final class ComeBackException extends LinkException {
    private static final long serialVersionUID = 1L;

    private final Duration after;

    ComeBackException(String reason, Duration after) {
        super("the hub asks to come back in " + after.toMillis() + " ms: " + reason);
        this.after = after;
    }

    Duration after() {
        return after;
    }
}
