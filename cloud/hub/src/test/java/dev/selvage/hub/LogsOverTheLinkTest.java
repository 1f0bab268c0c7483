package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Design "Link": an interactive stream is a connection of its own, so that TCP does the flow control and the state is never delayed. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LogsOverTheLinkTest {
    private static final ObjectKey POD = ObjectKey.of(Kinds.POD, "cold", "web");
    private static TestCentre centre;
    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        centre = new TestCentre();
        node = TestNode.linked(centre, "edge-1");
    }

    @AfterAll
    static void stop() throws IOException {
        node.close();
        centre.close();
    }

    @Test
    void aLogIsReadToItsEndWithTheOptionsThatWereAsked() throws Exception {
        node.streams = (request, out) -> {
            String text = request.pod() + " " + request.container() + " " + request.tailLines() + " " + request.since();
            out.write(text.getBytes(StandardCharsets.UTF_8));
        };
        var options = new LogOptions("main", false, false, false, 10L, Duration.ofSeconds(5), null);
        try (InputStream log = centre.hub().streams().open("edge-1", POD, options)) {
            assertThat(new String(log.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("pods/cold/web main", "OptionalLong[10]", "PT5S");
        }
    }

    @Test
    void theNodesErrorReachesTheReaderInItsWords() throws Exception {
        node.streams = (request, out) -> {
            throw new IOException("container \"main\" has no previous run");
        };
        try (InputStream log = centre.hub().streams().open("edge-1", POD, LogOptions.ALL)) {
            assertThatThrownBy(log::readAllBytes).hasMessage("container \"main\" has no previous run");
        }
    }

    @Test
    void aReaderThatDoesNotReadHoldsTheNodeBackAndACloseEndsTheTransfer() throws Exception {
        var written = new AtomicLong();
        var ended = new CountDownLatch(1);
        node.streams = (request, out) -> {
            byte[] chunk = new byte[32 * 1024];
            try {
                while (true) {
                    out.write(chunk);
                    written.addAndGet(chunk.length);
                }
            } finally {
                ended.countDown();
            }
        };
        InputStream log = centre.hub().streams().open("edge-1", POD, LogOptions.ALL);
        assertThat(log.read()).isZero();
        eventually(() -> {
            long before = written.get();
            Thread.sleep(300);
            assertThat(written.get()).isEqualTo(before);
        });
        assertThat(written.get()).isLessThan(32L << 20);
        log.close();
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(node.session().linked()).isTrue();
    }

    /** kubectl logs -f, interrupted while the container says nothing: the node's streams are few. */
    @Test
    void aReaderWhoLeavesASilentLogFreesHisPlaceOnTheNode() throws Exception {
        var begun = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        node.streams = (request, out) -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                ended.countDown();
            }
        };
        InputStream log = centre.hub().streams().open("edge-1", POD, LogOptions.ALL);
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        log.close();
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aNodeThatIsNotLinkedIsNamed() {
        assertThatThrownBy(() -> centre.hub().streams().open("edge-7", POD, LogOptions.ALL))
                .isInstanceOf(NodeNotLinkedException.class)
                .hasMessageContaining("edge-7");
    }
}
