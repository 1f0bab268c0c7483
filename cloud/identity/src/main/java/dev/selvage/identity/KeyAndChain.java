package dev.selvage.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A key and the certificates that vouch for it.
 *
 * @param chain its own certificate first, the CA's last
 */
public record KeyAndChain(PrivateKey key, List<X509Certificate> chain) {
    public KeyAndChain {
        chain = List.copyOf(chain);
    }

    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /** Half of the certificate's life. */
    public Instant renewAt() {
        Instant from = certificate().getNotBefore().toInstant();
        Instant to = certificate().getNotAfter().toInstant();
        return from.plus(Duration.between(from, to).dividedBy(2));
    }

    @Override
    public String toString() {
        return certificate().getSubjectX500Principal() + " until "
                + certificate().getNotAfter().toInstant();
    }
}
