package dev.selvage.hub;

import dev.selvage.identity.ClientTrustManager;
import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Lets any client certificate pass the handshake, which proves only that the peer holds its key. {@link Reception} then judges the certificate before anything else
 * happens, so that a node with an expired one, or one of another centre, is told so in words: TLS has only an alert's number. No issuers are named, or a client with
 * another CA's certificate would not send it.
 */
final class AnyCertificate extends ClientTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
