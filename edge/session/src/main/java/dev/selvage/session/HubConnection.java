package dev.selvage.session;

import dev.selvage.link.Frames;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** One TLS connection to a hub: frames out from any thread, frames in to one. */
final class HubConnection implements Closeable {
    private static final int BUFFER = 16 * 1024;
    private static final char[] NO_PASSWORD = {};

    private final HubAddress hub;
    private final Socket socket;
    private final SSLSocket tls;
    private final InputStream in;
    private final OutputStream out;
    private final ReentrantLock sending = new ReentrantLock();
    private volatile long sentAt = System.nanoTime();

    private HubConnection(HubAddress hub, Socket socket, SSLSocket tls) throws IOException {
        this.hub = hub;
        this.socket = socket;
        this.tls = tls;
        this.in = new java.io.BufferedInputStream(tls.getInputStream(), BUFFER);
        this.out = tls.getOutputStream();
    }

    /**
     * @param identity presented to the hub; null where none is needed
     * @throws LinkException when there is no hub, or none that the node trusts
     */
    static HubConnection open(HubAddress hub, CentreTrust trust, @Nullable NodeIdentity identity, Duration timeout)
            throws LinkException {
        var socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(hub.resolve(), Math.toIntExact(timeout.toMillis()));
            socket.setSoTimeout(Math.toIntExact(timeout.toMillis()));
            SSLContext context = context(trust, identity);
            var tls = (SSLSocket) context.getSocketFactory().createSocket(socket, hub.host(), hub.port(), true);
            var parameters = tls.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            parameters.setApplicationProtocols(new String[] {LinkProtocol.ALPN});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            if (!LinkProtocol.ALPN.equals(tls.getApplicationProtocol())) {
                throw new SSLException("the server does not speak " + LinkProtocol.ALPN);
            }
            return new HubConnection(hub, socket, tls);
        } catch (IOException | GeneralSecurityException e) {
            closeQuietly(socket);
            throw new LinkException("hub " + hub + ": " + reason(e), e);
        }
    }

    private static SSLContext context(CentreTrust trust, @Nullable NodeIdentity identity)
            throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys(identity), new TrustManager[] {trust}, null);
        return context;
    }

    private static KeyManager @Nullable [] keys(@Nullable NodeIdentity identity)
            throws GeneralSecurityException, IOException {
        if (identity == null) {
            return null;
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        store.setKeyEntry("node", identity.key(), NO_PASSWORD, identity.chain().toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    HubAddress hub() {
        return hub;
    }

    void send(NodeMessage message) throws IOException {
        byte[] frame = Frames.encode(message);
        sending.lock();
        try {
            out.write(frame);
            out.flush();
            sentAt = System.nanoTime();
        } finally {
            sending.unlock();
        }
    }

    /** Time since the last message went out. */
    Duration quiet() {
        return Duration.ofNanos(System.nanoTime() - sentAt);
    }

    /**
     * The next message.
     *
     * @throws EOFException when the hub closed
     * @throws RefusedException when the hub refuses
     */
    HubMessage receive() throws IOException {
        HubMessage message = Frames.readHub(in);
        if (message.getMessageCase() == HubMessage.MessageCase.REFUSED) {
            throw new RefusedException(message.getRefused());
        }
        return message;
    }

    /**
     * The time that the hub tells, unless its own certificate has ended by then. A node that believed it would trust no hub any more: {@link CentreTrust} judges
     * certificates by the time told last.
     */
    long checked(long hubTimeMillis) throws LinkException {
        try {
            var certificate = (X509Certificate) tls.getSession().getPeerCertificates()[0];
            Instant told = Instant.ofEpochMilli(hubTimeMillis);
            Instant end = certificate.getNotAfter().toInstant();
            if (hubTimeMillis < 0 || told.isAfter(end)) {
                throw new LinkException("hub " + hub + ": it tells the time " + told
                        + ", accepted is until its certificate ends, " + end);
            }
            return hubTimeMillis;
        } catch (SSLPeerUnverifiedException e) {
            throw new LinkException("hub " + hub + ": " + reason(e), e);
        }
    }

    /** How long {@link #receive} waits; zero is for ever. */
    void silence(Duration limit) throws IOException {
        socket.setSoTimeout(Math.toIntExact(limit.toMillis()));
    }

    /** Ends at once, whatever another thread is writing: the TCP connection goes, without TLS's farewell where that would block. */
    @Override
    public void close() {
        if (sending.tryLock()) {
            try {
                tls.close();
            } catch (IOException e) {
                // Closing the socket below ends what is left.
            } finally {
                sending.unlock();
            }
        }
        closeQuietly(socket);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is left to be done for it.
        }
    }

    /** The innermost message says what happened; TLS wraps it in "General SSLEngine problem" and the like. */
    static String reason(Throwable e) {
        Throwable here = e;
        while (here.getCause() != null && here instanceof SSLException) {
            here = here.getCause();
        }
        String message = here.getMessage();
        return message == null ? here.getClass().getSimpleName() : message;
    }
}
