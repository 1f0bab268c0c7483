package dev.selvage.workloads;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** design.md "Security": input is hostile, an app's answer to a probe too. */
@Timeout(60)
class NetworkCheckTest {
    private interface Answer {
        void to(OutputStream out) throws Exception;
    }

    private static NetworkCheck.Result probe(Answer answer) throws Exception {
        return probe(false, answer);
    }

    private static NetworkCheck.Result probe(boolean tls, Answer answer) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread app = Thread.ofVirtual().start(() -> {
                try (Socket caller = server.accept()) {
                    answer.to(caller.getOutputStream());
                } catch (Exception e) {
                    // The prober has seen enough.
                }
            });
            var check = new ProbeSpec.Check.Http(tls, "127.0.0.1", server.getLocalPort(), "/", List.of());
            NetworkCheck.Result result = NetworkCheck.http(check, Duration.ofSeconds(1));
            app.interrupt();
            app.join();
            return result;
        }
    }

    @Test
    void anAnswerFrom200To399IsASuccess() throws Exception {
        assertThat(probe(out -> send(out, "HTTP/1.1 204 No Content\r\n\r\n")).ok())
                .isTrue();
        assertThat(probe(out -> send(out, "HTTP/1.1 503 No\r\n\r\n")).message())
                .isEqualTo("HTTP probe failed with statuscode: 503");
    }

    @Test
    void anAnswerWithoutEndIsNotReadToItsEnd() throws Exception {
        AtomicLong sent = new AtomicLong();
        NetworkCheck.Result result = probe(out -> {
            byte[] flood = new byte[1 << 16];
            java.util.Arrays.fill(flood, (byte) 'A');
            while (sent.addAndGet(flood.length) < 64 << 20) {
                out.write(flood);
            }
        });
        assertThat(result.ok()).isFalse();
        assertThat(result.message()).contains("malformed HTTP response");
        assertThat(sent.get()).isLessThan(64 << 20);
    }

    @Test
    void anAnswerByteByByteMustComeWithinTheTimeout() throws Exception {
        long begun = System.nanoTime();
        NetworkCheck.Result result = probe(out -> {
            for (int i = 0; i < 40; i++) {
                send(out, "A");
                Thread.sleep(100); // the app's pace, not a synchronisation
            }
        });
        assertThat(result.ok()).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void aTlsHandshakeThatIsNotAnsweredEndsWithTheTimeout() throws Exception {
        long begun = System.nanoTime();
        NetworkCheck.Result result = probe(true, out -> Thread.sleep(20_000)); // interrupted when the probe is over
        assertThat(result.ok()).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }
}
