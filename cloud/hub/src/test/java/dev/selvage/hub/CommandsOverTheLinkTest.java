package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.CommandRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 4 and design "Link": a command is a connection of its own; it is bounded both ways, and ends with either side and with the session. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CommandsOverTheLinkTest {
    private static final ObjectKey POD = ObjectKey.of(Kinds.POD, "cold", "web");
    private static final CommandOptions CAT = new CommandOptions("main", List.of("cat", "-"), false, true);
    private TestCentre centre;
    private TestNode node;

    @BeforeEach
    void start() throws Exception {
        centre = new TestCentre();
        node = TestNode.linked(centre, "edge-1");
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
        centre.close();
    }

    private NodeCommand exec(CommandOptions options) throws NodeNotLinkedException {
        return centre.hub().streams().exec("edge-1", POD, options);
    }

    /** Everything until the last event. */
    private static NodeCommand.Event drain(NodeCommand command, OutputStream out, OutputStream err) throws IOException {
        while (true) {
            NodeCommand.Event event = command.next();
            if (event instanceof NodeCommand.Event.Output(ByteBuffer data, boolean stderr)) {
                byte[] bytes = new byte[data.remaining()];
                data.get(bytes);
                (stderr ? err : out).write(bytes);
            } else {
                return event;
            }
        }
    }

    @Test
    void aCommandGetsWhatWasAskedAndGivesItsOutputsApartAndItsExitCode() throws Exception {
        var asked = new AtomicReference<CommandRequest>();
        node.commands = (request, client) -> {
            asked.set(request);
            client.stdout().write("out".getBytes(StandardCharsets.UTF_8));
            client.stderr().write("err".getBytes(StandardCharsets.UTF_8));
            return 7;
        };
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        try (NodeCommand command = exec(new CommandOptions("main", List.of("ls", "-l"), true, true))) {
            assertThat(drain(command, out, err)).isEqualTo(new NodeCommand.Event.Ended(7));
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("out");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("err");
        assertThat(asked.get()).isEqualTo(new CommandRequest(POD, "", "main", List.of("ls", "-l"), true, true));
    }

    @Test
    void theNodesRefusalIsToldInItsWords() throws Exception {
        node.commands = (request, client) -> {
            throw new IOException("the container does not run");
        };
        try (NodeCommand command = exec(CAT)) {
            assertThat(command.next()).isEqualTo(new NodeCommand.Event.Failed("the container does not run"));
        }
    }

    @Test
    void inputAndOutputGoByteForByteThroughTheWindow() throws Exception {
        node.commands = (request, client) -> {
            client.stdin().transferTo(client.stdout());
            return 0;
        };
        byte[] input = new byte[3 << 20];
        new Random(5).nextBytes(input);
        var out = new ByteArrayOutputStream();
        try (NodeCommand command = exec(CAT)) {
            Thread.ofVirtual().start(() -> {
                try {
                    command.input(input);
                    command.endInput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(drain(command, out, out)).isEqualTo(new NodeCommand.Event.Ended(0));
        }
        assertThat(out.toByteArray()).isEqualTo(input);
    }

    /** Input that nobody reads stops at the window, and neither sizes nor the end wait behind it. */
    @Test
    void aCommandThatDoesNotReadHoldsItsClientBackAndStillHearsOfSizesAndTheEnd() throws Exception {
        BlockingQueue<String> sizes = new LinkedBlockingQueue<>();
        var ended = new CountDownLatch(1);
        node.commands = (request, client) -> {
            client.onResize((columns, rows) -> sizes.add(columns + "x" + rows));
            try {
                new CountDownLatch(1).await();
                return 0;
            } finally {
                ended.countDown();
            }
        };
        var typed = new AtomicLong();
        NodeCommand command = exec(CAT);
        Thread typing = Thread.ofVirtual().start(() -> {
            byte[] piece = new byte[32 << 10];
            try {
                while (true) {
                    command.input(piece);
                    typed.addAndGet(piece.length);
                }
            } catch (IOException e) {
                // The command was ended.
            }
        });
        eventually(() -> assertThat(typed.get()).isEqualTo(256 << 10));
        command.resize(132, 43);
        assertThat(sizes.poll(20, TimeUnit.SECONDS)).isEqualTo("132x43");
        assertThat(typed.get()).isEqualTo(256 << 10);
        command.close();
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(typing.join(java.time.Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void aClientThatDoesNotReadHoldsTheCommandBack() throws Exception {
        var written = new AtomicLong();
        var ended = new CountDownLatch(1);
        node.commands = (request, client) -> {
            byte[] chunk = new byte[32 * 1024];
            try {
                while (true) {
                    client.stdout().write(chunk);
                    written.addAndGet(chunk.length);
                }
            } finally {
                ended.countDown();
            }
        };
        NodeCommand command = exec(CAT);
        assertThat(command.next()).isInstanceOf(NodeCommand.Event.Output.class);
        eventually(() -> {
            long before = written.get();
            Thread.sleep(300);
            assertThat(written.get()).isEqualTo(before);
        });
        assertThat(written.get()).isLessThan(32L << 20);
        command.close();
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(node.session().linked()).isTrue();
    }

    @Test
    void theEndOfTheSessionEndsItsCommandsAtBothEnds() throws Exception {
        var begun = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        node.commands = (request, client) -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
                return 0;
            } finally {
                ended.countDown();
            }
        };
        NodeCommand command = exec(CAT);
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        node.stop();
        assertThatThrownBy(command::next).isInstanceOf(IOException.class);
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aNodeHasItsLimitOfStreamsAndACommandThatEndsFreesItsPlace() throws Exception {
        node.commands = (request, client) -> {
            client.stdin().read();
            return 0;
        };
        for (int round = 0; round < 40; round++) { // more than there are places
            try (NodeCommand command = exec(CAT)) {
                command.endInput();
                assertThat(command.next()).isEqualTo(new NodeCommand.Event.Ended(0));
            }
        }
    }

    @Test
    void aNodeThatIsNotLinkedIsNamed() {
        assertThatThrownBy(() -> centre.hub().streams().check("edge-7"))
                .isInstanceOf(NodeNotLinkedException.class)
                .hasMessageContaining("edge-7");
        assertThatThrownBy(() -> centre.hub().streams().exec("edge-7", POD, CAT))
                .isInstanceOf(NodeNotLinkedException.class)
                .hasMessageContaining("edge-7");
    }
}
