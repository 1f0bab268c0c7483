package dev.selvage.server;

import dev.selvage.identity.CertificateAuthority;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;

/** TLS of the API: our own key, and trust in client certificates of our own authority, whatever it is at the time. */
final class Tls {
    private Tls() {}

    static SSLContext context(X509ExtendedKeyManager keys, CertificateAuthority authority) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, new TrustManager[] {new ClientTrust(authority)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
