package dev.selvage.session;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Decides whether a server is the centre. Its certificate must be issued by a CA that the node holds (or, at enrolment, by the one whose fingerprint the operator
 * gave) and be made for servers. The host name is not compared: these CAs issue server certificates to the centre's own servers only, and a node must find them
 * behind any address, forwarded port or proxy. Validity is judged by the last time that a hub told, not by the node's clock, which may be wrong by days: what had
 * expired by then is refused, what is "not yet valid" cannot be known.
 */
final class CentreTrust extends X509ExtendedTrustManager {
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

    private final List<X509Certificate> authorities;
    private final String fingerprint;
    private final Instant trustedTime;

    private CentreTrust(List<X509Certificate> authorities, String fingerprint, Instant trustedTime) {
        this.authorities = authorities;
        this.fingerprint = fingerprint;
        this.trustedTime = trustedTime;
    }

    static CentreTrust holding(List<X509Certificate> authorities, Instant trustedTime) {
        return new CentreTrust(authorities, "", trustedTime);
    }

    /** For enrolment: the server sends its CA's certificate, which must have this SHA-256 fingerprint. */
    static CentreTrust pinned(String fingerprint) {
        String hex = normal(fingerprint);
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("CA fingerprint: found \"" + fingerprint
                    + "\", accepted are 64 hexadecimal digits (SHA-256), with or without \"sha256:\" and colons");
        }
        return new CentreTrust(List.of(), hex, Instant.EPOCH);
    }

    static String fingerprint(X509Certificate certificate) {
        return HexFormat.of().formatHex(sha256(certificate));
    }

    static byte[] sha256(X509Certificate certificate) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate cannot be hashed", e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        if (chain.length == 0) {
            throw new CertificateException("the server sent no certificate");
        }
        X509Certificate server = chain[0];
        List<String> usages = server.getExtendedKeyUsage();
        if (usages == null || !usages.contains(SERVER_AUTH)) {
            throw new CertificateException("the server's certificate (" + name(server) + ") is not made for servers");
        }
        if (server.getNotAfter().toInstant().isBefore(trustedTime)) {
            throw new CertificateException("the server's certificate (" + name(server) + ") ended at "
                    + server.getNotAfter().toInstant() + ", before the last time that a hub told, " + trustedTime);
        }
        validate(chain, anchors(chain));
    }

    private List<X509Certificate> anchors(X509Certificate[] chain) throws CertificateException {
        if (fingerprint.isEmpty()) {
            return authorities;
        }
        for (X509Certificate certificate : chain) {
            if (fingerprint(certificate).equals(fingerprint)) {
                return List.of(certificate);
            }
        }
        throw new CertificateException("the server's CA has the fingerprint sha256:"
                + fingerprint(chain[chain.length - 1]) + ", expected is sha256:" + fingerprint);
    }

    private void validate(X509Certificate[] chain, List<X509Certificate> anchors) throws CertificateException {
        List<X509Certificate> path = Arrays.stream(chain)
                .takeWhile(certificate -> !anchors.contains(certificate))
                .toList();
        if (path.isEmpty()) {
            throw new CertificateException("the server presents the CA's own certificate as its own");
        }
        try {
            var parameters = new PKIXParameters(
                    anchors.stream().map(a -> new TrustAnchor(a, null)).collect(Collectors.toSet()));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(within(chain[0])));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        } catch (GeneralSecurityException e) {
            throw new CertificateException(
                    "the server's certificate (" + name(chain[0]) + ", issued by "
                            + chain[0].getIssuerX500Principal().getName() + ") is not of this node's centre: "
                            + e.getMessage(),
                    e);
        }
    }

    /** The trusted time, moved to the begin of the certificate's validity where it lies before: time has gone on since. */
    private Instant within(X509Certificate certificate) {
        Instant begin = certificate.getNotBefore().toInstant();
        return trustedTime.isBefore(begin) ? begin : trustedTime;
    }

    static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().getName();
    }

    private static String normal(String fingerprint) {
        String hex = fingerprint.strip().toLowerCase(Locale.ROOT).replace(":", "");
        return hex.startsWith("sha256") ? hex.substring("sha256".length()) : hex;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("a node is never a server");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.toArray(X509Certificate[]::new);
    }
}
