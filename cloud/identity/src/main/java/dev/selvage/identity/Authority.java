package dev.selvage.identity;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/**
 * One CA of the centre.
 *
 * @param id grows with each rotation, from 1
 * @param since when it was created, by the database's clock
 * @param settled every server of the centre has had the time to learn of it
 * @param retiredAt when it was retired; its key is destroyed then, and nobody trusts it any more
 */
public record Authority(
        int id, X509Certificate certificate, Instant since, boolean settled, Optional<Instant> retiredAt) {
    public boolean retired() {
        return retiredAt.isPresent();
    }

    /** Its common name: {@code selvage-ca-} and eight hexadecimal digits. */
    public String name() {
        return PeerCertificates.part(certificate, "CN");
    }

    /** SHA-256 of the certificate, 64 hexadecimal digits. */
    public String fingerprint() {
        return HexFormat.of().formatHex(sha256());
    }

    byte[] sha256() {
        return NodeRegistry.sha256(certificate);
    }

    /** Whether its name is the one that the certificate gives as its issuer's. */
    boolean issued(X509Certificate other) {
        return other.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
    }
}
