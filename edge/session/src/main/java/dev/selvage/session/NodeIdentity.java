package dev.selvage.session;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Who a node is.
 *
 * @param chain the node's certificate first
 * @param trusted every CA that the node accepts for the centre
 * @param generation how often the identity was renewed; the centre compares and swaps it, which exposes a copied disk
 */
public record NodeIdentity(
        String node, PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trusted, long generation) {
    public NodeIdentity {
        chain = List.copyOf(chain);
        trusted = List.copyOf(trusted);
        if (chain.isEmpty() || trusted.isEmpty()) {
            throw new IllegalArgumentException(
                    "an identity needs a certificate and a CA, found " + chain.size() + " and " + trusted.size());
        }
    }

    public X509Certificate certificate() {
        return chain.getFirst();
    }

    NodeIdentity trusting(List<X509Certificate> authorities) {
        return new NodeIdentity(node, key, chain, authorities, generation);
    }

    /** Half of the certificate's life. */
    public Instant renewAt() {
        Instant from = certificate().getNotBefore().toInstant();
        Instant to = certificate().getNotAfter().toInstant();
        return from.plus(Duration.between(from, to).dividedBy(2));
    }

    @Override
    public String toString() {
        return node + " (generation " + generation + ", until "
                + certificate().getNotAfter().toInstant() + ")";
    }
}
