package dev.selvage.hub;

import dev.selvage.link.Frames;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import dev.selvage.session.HubAddress;
import dev.selvage.session.NodeIdentity;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** A peer that may say anything. */
final class RawPeer implements AutoCloseable {
    /** The longest wait for the hub's next message or end. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SSLSocket socket;

    private RawPeer(SSLSocket socket) {
        this.socket = socket;
    }

    static RawPeer connect(HubAddress hub, @Nullable NodeIdentity identity, String... protocols)
            throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys(identity), new TrustManager[] {new Anything()}, new SecureRandom());
        var socket = (SSLSocket) context.getSocketFactory().createSocket(hub.host(), hub.port());
        socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols.length == 0 ? new String[] {LinkProtocol.ALPN} : protocols);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return new RawPeer(socket);
    }

    private static KeyManager @Nullable [] keys(@Nullable NodeIdentity identity)
            throws GeneralSecurityException, IOException {
        if (identity == null) {
            return null;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, new char[0]);
        store.setKeyEntry("k", identity.key(), new char[0], identity.chain().toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    void send(NodeMessage message) throws IOException {
        Frames.write(socket.getOutputStream(), message);
    }

    /** Sends unless the hub has closed, which {@link #receive} tells. */
    void trySend(NodeMessage message) {
        try {
            send(message);
        } catch (IOException closed) {
            // the reader sees it
        }
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    HubMessage receive() throws IOException {
        return Frames.readHub(socket.getInputStream());
    }

    /** True when the hub has closed, and nothing but the end comes. */
    boolean closed() throws IOException {
        try {
            return Frames.readBody(socket.getInputStream(), LinkProtocol.MAX_FRAME)
                    .isEmpty();
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (java.net.SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class Anything extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
