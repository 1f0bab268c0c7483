package dev.selvage.identity;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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
        Optional<Authority> issuer = authority.known().issuerOf(leaf);
        try {
            validate(leaf, issuer);
            List<String> usages = leaf.getExtendedKeyUsage();
            if (usages == null || !usages.contains(CLIENT_AUTH)) {
                return untrusted("the certificate " + subject(leaf) + " is not made for clients");
            }
        } catch (GeneralSecurityException e) {
            return untrusted("the certificate " + subject(leaf) + ", issued by "
                    + leaf.getIssuerX500Principal().getName() + ", is not of this centre's CA "
                    + authority.known().trusted().stream()
                            .map(a -> subject(a.certificate()))
                            .collect(Collectors.joining(" or "))
                    + ": " + e.getMessage());
        }
        return expired(leaf, issuer.orElseThrow()).orElseGet(() -> node(leaf, issuer.orElseThrow()));
    }

    /** A node renews a certificate that has ended, by whatever cause. */
    private Optional<Peer> expired(X509Certificate leaf, Authority issuer) {
        Instant end = leaf.getNotAfter().toInstant();
        if (issuer.retiredAt().isPresent()) {
            return Optional.of(new Peer.Refused(
                    Denial.CERTIFICATE_EXPIRED,
                    "the certificate " + subject(leaf) + " ended when its CA " + issuer.name() + " was retired at "
                            + issuer.retiredAt().get()));
        }
        return clock.instant().isAfter(end)
                ? Optional.of(new Peer.Refused(
                        Denial.CERTIFICATE_EXPIRED, "the certificate " + subject(leaf) + " ended at " + end))
                : Optional.empty();
    }

    /** Signature and issuer; at the begin of its validity, for its end is judged apart and named. */
    private static void validate(X509Certificate leaf, Optional<Authority> issuer) throws GeneralSecurityException {
        X509Certificate anchor = issuer.orElseThrow(() -> new CertificateException("its issuer is unknown here"))
                .certificate();
        if (leaf.equals(anchor)) {
            throw new CertificateException("a CA is no client");
        }
        var parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(leaf.getNotBefore().toInstant()));
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf)), parameters);
    }

    /**
     * The begin of the validity of a certificate that says that this centre once gave this key to the node, however long ago; empty when it does not say so.
     *
     * @param certificate DER; anything that is none proves nothing
     */
    Optional<Instant> once(String node, PublicKey key, byte[] certificate) {
        try {
            X509Certificate leaf = Keys.certificate(certificate);
            Optional<Authority> issuer = authority.known().issuerOf(leaf);
            validate(leaf, issuer);
            boolean said = leaf.getPublicKey().equals(key)
                    && node(leaf, issuer.orElseThrow()) instanceof Peer.Node named
                    && named.name().equals(node);
            return said ? Optional.of(leaf.getNotBefore().toInstant()) : Optional.empty();
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static Peer node(X509Certificate leaf, Authority issuer) {
        String common = part(leaf, "CN");
        if (!part(leaf, "O").equals(CertificateAuthority.NODES)
                || !common.startsWith(CertificateAuthority.NODE_PREFIX)) {
            return untrusted("the certificate " + subject(leaf) + " is not a node's");
        }
        return new Peer.Node(
                common.substring(CertificateAuthority.NODE_PREFIX.length()),
                Keys.sha256(leaf.getPublicKey().getEncoded()),
                issuer.id());
    }

    static String part(X509Certificate certificate, String type) {
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
