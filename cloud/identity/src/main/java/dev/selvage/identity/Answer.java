package dev.selvage.identity;

import java.security.cert.X509Certificate;
import java.util.List;

/** What became of an enrolment or a renewal. */
public sealed interface Answer {
    /**
     * @param chain the node's certificate first
     * @param trusted every CA that the node shall trust
     */
    record Issued(String node, String uid, List<X509Certificate> chain, List<X509Certificate> trusted, long generation)
            implements Answer {
        public Issued {
            chain = List.copyOf(chain);
            trusted = List.copyOf(trusted);
        }
    }

    /** @param message for the operator: what was found, what is accepted; it holds no secret */
    record Denied(Denial reason, String message) implements Answer {}
}
