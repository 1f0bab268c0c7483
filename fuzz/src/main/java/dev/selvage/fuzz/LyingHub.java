package dev.selvage.fuzz;

import com.google.protobuf.ByteString;
import dev.selvage.link.Credentials;
import dev.selvage.link.Frames;
import dev.selvage.link.HubMessage;
import dev.selvage.link.LinkProtocol;
import dev.selvage.link.NodeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** A hub that a node trusts by its certificate, and that says what it likes. */
final class LyingHub implements AutoCloseable {
    private final Certificates certificates = new Certificates();
    private final SSLServerSocket server;
    private final SynchronousQueue<SSLSocket> arrived = new SynchronousQueue<>();

    LyingHub() throws GeneralSecurityException, IOException {
        server = (SSLServerSocket) certificates
                .server()
                .getServerSocketFactory()
                .createServerSocket(0, 64, InetAddress.getLoopbackAddress());
        var parameters = server.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {LinkProtocol.ALPN});
        server.setSSLParameters(parameters);
        Thread.ofVirtual().name("lying-hub").start(this::accept);
    }

    String fingerprint() throws GeneralSecurityException {
        return certificates.fingerprint();
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) server.accept();
                Thread.ofVirtual().start(() -> hear(socket));
            } catch (IOException e) {
                // Closed, or a handshake that was cut off.
            }
        }
    }

    /** Enrolments are answered at once; whoever says Hello waits to be taken. */
    private void hear(SSLSocket socket) {
        try {
            socket.setSoTimeout(5_000);
            NodeMessage first = Frames.readNode(socket.getInputStream());
            switch (first.getMessageCase()) {
                case ENROLL -> {
                    Frames.write(
                            socket.getOutputStream(),
                            credentials(
                                    first.getEnroll().getNode(),
                                    first.getEnroll().getCertificateRequest()));
                    socket.close();
                }
                case HELLO -> {
                    if (!arrived.offer(socket, 5, TimeUnit.SECONDS)) {
                        socket.close();
                    }
                }
                default -> socket.close();
            }
        } catch (IOException | GeneralSecurityException e) {
            closeQuietly(socket);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HubMessage credentials(String node, ByteString request) throws IOException, GeneralSecurityException {
        var key =
                new JcaPKCS10CertificationRequest(new PKCS10CertificationRequest(request.toByteArray())).getPublicKey();
        return HubMessage.newBuilder()
                .setCredentials(Credentials.newBuilder()
                        .addCertificates(ByteString.copyFrom(
                                certificates.issue(node, key).getEncoded()))
                        .addTrusted(ByteString.copyFrom(certificates.authority().getEncoded()))
                        .setGeneration(1)
                        .setHubTimeMillis(System.currentTimeMillis()))
                .build();
    }

    /** The next control connection, past its Hello. */
    SSLSocket next(long seconds) throws BrokenException, InterruptedException {
        SSLSocket socket = arrived.poll(seconds, TimeUnit.SECONDS);
        if (socket == null) {
            throw new BrokenException("the node has not come back for " + seconds + " s");
        }
        return socket;
    }

    private static void closeQuietly(SSLSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // The node is gone already.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
