package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.cert.X509Certificate;

/** The centre's CAs, whoever keeps them. Every method but {@link #trusts} may throw {@link Unavailable}. */
public interface Authorities {
    /** Whether a client's certificate is still of a CA that is trusted; a handshake has verified that it is of the one it names. */
    boolean trusts(X509Certificate certificate);

    /** {@code {"authorities": [{name, fingerprint, since, ends, trusted, serving, issuing}], "nodes": n, "behind": [{name, renewedAt, heldBy}]}}. */
    ObjectNode status();

    /** Creates the next CA. */
    Step rotate();

    /** Ends the trust in all but the newest. */
    Step retire(boolean lockOut);

    /** What became of a step. */
    sealed interface Step {
        record Done(ObjectNode answer) implements Step {}

        /** The message says what is in the way. */
        record Refused(String message) implements Step {}
    }

    /** The database does not answer. */
    final class Unavailable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
