package dev.selvage.hub;

import dev.selvage.link.Refused;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection has to end; the reason is logged, and told to the peer where it is a refusal. */
final class PeerException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Refused.Code code;
    private final Duration retry;
    private final transient @Nullable Offence offence;

    private PeerException(Refused.Code code, @Nullable Offence offence, String message, Duration retry) {
        super(message);
        this.code = code;
        this.offence = offence;
        this.retry = retry;
    }

    /** The peer learns the reason. */
    static PeerException refuse(Refused.Code code, String message) {
        return refuse(code, message, Duration.ZERO);
    }

    /** @param retry when the peer should ask again; zero leaves it to the peer */
    static PeerException refuse(Refused.Code code, String message, Duration retry) {
        return new PeerException(code, null, message, retry);
    }

    /** The connection just ends. */
    static PeerException close(String message) {
        return new PeerException(Refused.Code.UNSPECIFIED, null, message, Duration.ZERO);
    }

    /** The connection just ends, and the node is named for it. */
    static PeerException caught(Offence offence, String message) {
        return new PeerException(Refused.Code.UNSPECIFIED, offence, message, Duration.ZERO);
    }

    /** The peer learns that it passed a limit, and the node is named for it. */
    static PeerException limit(Offence offence, String message) {
        return new PeerException(Refused.Code.LIMIT, offence, message, Duration.ZERO);
    }

    Optional<Offence> offence() {
        return Optional.ofNullable(offence);
    }

    Refused.Code code() {
        return code;
    }

    Duration retry() {
        return retry;
    }

    boolean refusal() {
        return code != Refused.Code.UNSPECIFIED;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
