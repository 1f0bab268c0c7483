package dev.selvage.server;

import dev.selvage.identity.CertificateAuthority;
import dev.selvage.identity.ClientTrustManager;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Trusts client certificates of the CAs that are trusted at the time of the handshake, so that a rotation needs no restart. */
final class ClientTrust extends ClientTrustManager {
    private final CertificateAuthority authority;
    private volatile Made made;

    ClientTrust(CertificateAuthority authority) {
        this.authority = authority;
        this.made = Made.of(authority.trusted());
    }

    private record Made(List<X509Certificate> trusted, X509ExtendedTrustManager manager) {
        static Made of(List<X509Certificate> trusted) {
            try {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                for (int i = 0; i < trusted.size(); i++) {
                    store.setCertificateEntry("ca" + i, trusted.get(i));
                }
                TrustManagerFactory factory =
                        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                factory.init(store);
                for (TrustManager manager : factory.getTrustManagers()) {
                    if (manager instanceof X509ExtendedTrustManager extended) {
                        return new Made(trusted, extended);
                    }
                }
                throw new IllegalStateException("this JDK has no X.509 trust manager");
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException("trust cannot be set up: " + e.getMessage(), e);
            }
        }
    }

    private X509ExtendedTrustManager now() {
        List<X509Certificate> trusted = authority.trusted();
        Made present = made;
        if (!present.trusted().equals(trusted)) {
            present = Made.of(trusted);
            made = present;
        }
        return present.manager();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        now().checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        now().checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        now().checkClientTrusted(chain, authType, engine);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return now().getAcceptedIssuers();
    }
}
