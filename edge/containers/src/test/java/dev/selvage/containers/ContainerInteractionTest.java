package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.workloads.ExecEnd;
import dev.selvage.workloads.ExecRequest;
import dev.selvage.workloads.ExecStreams;
import dev.selvage.workloads.RunId;
import dev.selvage.workloads.TerminalSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kubectl exec} in containers (upstream's PodExecOptions; issue 4: kubectl exec -it). */
class ContainerInteractionTest {
    private static final RunId RUN = new RunId("talk-1", "app", 0);

    private final DockerEngine engine = SharedEngine.get();

    @TempDir
    Path home;

    private ContainerNode node;

    @BeforeEach
    void open() throws IOException {
        node = new ContainerNode(home, engine.socket());
        node.run(shell("talk-1", "exec sleep 1000"));
        node.awaitReady("talk-1");
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static class Client implements ExecStreams {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        final AtomicReference<Consumer<TerminalSize>> resized = new AtomicReference<>(size -> {});
        private final InputStream in;

        Client(InputStream in) {
            this.in = in;
        }

        @Override
        public InputStream stdin() {
            return in;
        }

        @Override
        public OutputStream stdout() {
            return out;
        }

        @Override
        public OutputStream stderr() {
            return err;
        }

        @Override
        public void onResize(Consumer<TerminalSize> listener) {
            resized.set(listener);
        }

        String seen() {
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    private static InputStream typed(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void standardStreamsAreApartAndTheExitCodeIsTheCommands() throws Exception {
        Client client = new Client(typed("a\nb\n"));
        ExecEnd end = node.runtime.interact(
                RUN, new ExecRequest(List.of("sh", "-c", "cat; echo problem >&2; exit 3"), false, true), client);
        assertThat(end).isEqualTo(new ExecEnd.Exited(3));
        assertThat(client.seen()).isEqualTo("a\nb\n");
        assertThat(client.err.toString(StandardCharsets.UTF_8)).isEqualTo("problem\n");
    }

    @Test
    void withoutStandardInputACommandReadsItsEndAtOnce() throws Exception {
        Client client = new Client(typed("never read"));
        ExecEnd end = node.runtime.interact(
                RUN, new ExecRequest(List.of("sh", "-c", "cat; echo over"), false, false), client);
        assertThat(end).isEqualTo(new ExecEnd.Exited(0));
        assertThat(client.seen()).isEqualTo("over\n");
    }

    @Test
    void aTerminalHasTheClientsSizeAndTakesANewOne() throws Exception {
        try (PipedOutputStream keys = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(keys)) {
            Client client = new Client(in);
            AtomicReference<ExecEnd> end = new AtomicReference<>();
            Thread session = Thread.ofVirtual().start(() -> {
                try {
                    end.set(node.runtime.interact(RUN, new ExecRequest(List.of("sh"), true, true), client));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            ContainerNode.await("a prompt", () -> client.seen().contains("# "), client::seen);
            client.resized.get().accept(new TerminalSize(101, 37));
            keys.write("stty size; test -t 0 && echo ter''minal; exit 5\n".getBytes(StandardCharsets.UTF_8));
            keys.flush();
            session.join();
            assertThat(end.get()).isEqualTo(new ExecEnd.Exited(5));
            assertThat(client.seen()).contains("37 101").contains("terminal\r\n");
        }
    }

    @Test
    void aCommandWhoseClientHasGoneIsEnded() {
        Client gone = new Client(InputStream.nullInputStream()) {
            @Override
            public OutputStream stdout() {
                return new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("the client has gone");
                    }
                };
            }
        };
        assertThatThrownBy(() -> node.runtime.interact(
                        RUN, new ExecRequest(List.of("sh", "-c", "echo x; exec sleep 777"), false, false), gone))
                .hasMessage("the client has gone");
        ContainerNode.await("the command to end", () -> !processes().contains("sleep 777"), this::processes);
    }

    private String processes() {
        try {
            return engine.call("GET", "/containers/selvage_talk-1_app_0/top");
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void whatCannotBeRunIsSaidToTheUser() throws Exception {
        assertThat(node.runtime.interact(
                        new RunId("talk-1", "app", 9),
                        new ExecRequest(List.of("true"), false, false),
                        new Client(typed(""))))
                .isInstanceOfSatisfying(
                        ExecEnd.NotPossible.class,
                        no -> assertThat(no.message()).contains("No such container"));
    }
}
