package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeadDeadlineTest {
    /** A client that connects anew all the time must not fill the heap with what its closed connections were. */
    @Test
    void aConnectionThatHasClosedIsLetGoAtOnce() throws Exception {
        TestCertificates certificates = new TestCertificates();
        SSLContext tls = certificates.context(certificates.issue("CN=server"));
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setSslContext(tls);
        ssl.setSniRequired(false);
        Server server = new Server();
        ServerConnector connector = new ServerConnector(
                server, 1, 1, new SslConnectionFactory(ssl, "http/1.1"), new HttpConnectionFactory());
        HeadDeadline heads = new HeadDeadline(connector.getScheduler(), Duration.ofHours(1));
        connector.addBean(heads);
        server.addConnector(connector);
        server.start();
        try {
            List<SSLSocket> open = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                SSLSocket socket = (SSLSocket)
                        tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
                socket.startHandshake();
                open.add(socket);
            }
            assertThat(heads.watched()).isEqualTo(20);
            for (SSLSocket socket : open) {
                socket.close();
            }
            while (heads.watched() > 0) {
                Thread.onSpinWait();
            }
        } finally {
            server.stop();
        }
    }
}
