package dev.selvage.identity;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/** What became of an enrolment or a renewal. */
public sealed interface Answer {
    /**
     * @param chain the node's certificate first
     * @param trusted every CA that the node shall trust
     * @param approvedBy the administrator who let a node renew that was away for too long; else empty
     */
    record Issued(
            String node,
            String uid,
            List<X509Certificate> chain,
            List<X509Certificate> trusted,
            long generation,
            String approvedBy)
            implements Answer {
        public Issued {
            chain = List.copyOf(chain);
            trusted = List.copyOf(trusted);
        }
    }

    /** @param message for the operator: what was found, what is accepted; it holds no secret */
    record Denied(Denial reason, String message) implements Answer {}

    /**
     * The node was away for too long, and an administrator has to decide, or has denied it.
     *
     * @param request name of the NodeRequest
     * @param denied that is the decision; it may be changed
     * @param anew the question was put just now
     * @param retry when the node should ask again
     */
    record Held(String request, boolean denied, boolean anew, String message, Duration retry) implements Answer {}

    /**
     * Two machines have the node's identity, and this one is refused.
     *
     * @param inUse the other is linked; else it got the present generation, and this one has an older key
     * @param message names both
     */
    record Copied(boolean inUse, String message) implements Answer {}
}
