package dev.selvage.identity;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Judges the certificate that a peer of the hub presented; the handshake has proved that it holds the key. */
public final class PeerCertificates {
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private final CertificateAuthority authority;
    private final Clock clock;

    public PeerCertificates(CertificateAuthority authority) {
        this(authority, Clock.systemUTC());
    }

    PeerCertificates(CertificateAuthority authority, Clock clock) {
        this.authority = authority;
        this.clock = clock;
    }

    /** @param chain as the peer sent it; empty if it sent none */
    public Peer judge(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return new Peer.Anonymous();
        }
        X509Certificate leaf = chain.getFirst();
        try {
            validate(chain);
            List<String> usages = leaf.getExtendedKeyUsage();
            if (usages == null || !usages.contains(CLIENT_AUTH)) {
                return untrusted("the certificate " + subject(leaf) + " is not made for clients");
            }
        } catch (GeneralSecurityException e) {
            return untrusted("the certificate " + subject(leaf) + ", issued by "
                    + leaf.getIssuerX500Principal().getName() + ", is not of this centre's CA "
                    + authority.certificate().getSubjectX500Principal().getName() + ": " + e.getMessage());
        }
        Instant end = leaf.getNotAfter().toInstant();
        if (clock.instant().isAfter(end)) {
            return new Peer.Refused(
                    Denial.CERTIFICATE_EXPIRED, "the certificate " + subject(leaf) + " ended at " + end);
        }
        return node(leaf);
    }

    /** Signature and issuer; at the begin of its validity, for its end is judged apart and named. */
    private void validate(List<X509Certificate> chain) throws GeneralSecurityException {
        var path = chain.stream()
                .takeWhile(c -> !c.equals(authority.certificate()))
                .toList();
        var parameters = new PKIXParameters(Set.of(new TrustAnchor(authority.certificate(), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(chain.getFirst().getNotBefore().toInstant()));
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    }

    private static Peer node(X509Certificate leaf) {
        String common = part(leaf, "CN");
        if (!part(leaf, "O").equals(CertificateAuthority.NODES)
                || !common.startsWith(CertificateAuthority.NODE_PREFIX)) {
            return untrusted("the certificate " + subject(leaf) + " is not a node's");
        }
        return new Peer.Node(
                common.substring(CertificateAuthority.NODE_PREFIX.length()),
                Keys.sha256(leaf.getPublicKey().getEncoded()));
    }

    private static String part(X509Certificate certificate, String type) {
        try {
            return new LdapName(certificate.getSubjectX500Principal().getName())
                    .getRdns().stream()
                            .filter(rdn -> rdn.getType().equalsIgnoreCase(type))
                            .map(Rdn::getValue)
                            .flatMap(value -> value instanceof String text ? Arrays.stream(new String[] {text}) : null)
                            .findFirst()
                            .orElse("");
        } catch (InvalidNameException e) {
            return "";
        }
    }

    private static Peer untrusted(String message) {
        return new Peer.Refused(Denial.CERTIFICATE_UNTRUSTED, message);
    }

    private static String subject(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }
}
