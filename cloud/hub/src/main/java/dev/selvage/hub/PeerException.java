package dev.selvage.hub;

import dev.selvage.link.Refused;
import java.io.IOException;

/** A connection has to end; the reason is logged, and told to the peer where it is a refusal. */
final class PeerException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Refused.Code code;

    private PeerException(Refused.Code code, String message) {
        super(message);
        this.code = code;
    }

    /** The peer learns the reason. */
    static PeerException refuse(Refused.Code code, String message) {
        return new PeerException(code, message);
    }

    /** The connection just ends. */
    static PeerException close(String message) {
        return new PeerException(Refused.Code.UNSPECIFIED, message);
    }

    Refused.Code code() {
        return code;
    }

    boolean refusal() {
        return code != Refused.Code.UNSPECIFIED;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
