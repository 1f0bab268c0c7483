package dev.selvage.link;

import java.io.IOException;

/** A peer broke the framing or the message format; its connection ends, nothing else does. */
public final class FrameException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What was wrong. */
    public enum Reason {
        OVERSIZED,
        TRUNCATED,
        EMPTY,
        MALFORMED,
        UNKNOWN_MESSAGE
    }

    private final Reason reason;

    FrameException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    FrameException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
