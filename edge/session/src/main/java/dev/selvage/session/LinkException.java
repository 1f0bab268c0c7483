package dev.selvage.session;

import java.io.IOException;

/** The exchange with a hub failed; the message says how, in words for an operator. */
public sealed class LinkException extends IOException permits RefusedException, ComeBackException {
    private static final long serialVersionUID = 1L;

    LinkException(String message) {
        super(message);
    }

    LinkException(String message, Throwable cause) {
        super(message, cause);
    }
}
