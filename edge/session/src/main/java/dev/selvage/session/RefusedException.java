package dev.selvage.session;

import dev.selvage.link.Refused;
import java.time.Duration;

/** A hub refused the connection and said why. */
public final class RefusedException extends LinkException {
    private static final long serialVersionUID = 1L;

    private final Refused.Code code;
    private final Duration retryAfter;

    RefusedException(Refused refused) {
        super("refused by the hub (" + refused.getCode().name() + "): " + refused.getMessage());
        this.code = refused.getCode();
        this.retryAfter = Duration.ofMillis(Integer.toUnsignedLong(refused.getRetryAfterMillis()));
    }

    public Refused.Code code() {
        return code;
    }

    /** When the hub wants the node back; zero if it did not say. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
