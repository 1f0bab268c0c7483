package dev.selvage.sim.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 3, Faults, 6: "a proxy that stalls, resets, corrupts or delays at each message boundary". */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FaultProxyTest {
    private static final byte[] FIRST = {22, 3, 3, 0, 2, 1, 2};
    private static final byte[] SECOND = {23, 3, 3, 0, 3, 7, 8, 9};
    private static final int SHORT = 200;

    private ServerSocket listener;
    private FaultProxy proxy;
    private Socket client;
    private Socket server;

    @BeforeEach
    void connect() throws IOException {
        listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        proxy = FaultProxy.start(0, (InetSocketAddress) listener.getLocalSocketAddress(), Framing.TLS);
        client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        server = listener.accept();
        client.setSoTimeout(20_000);
        server.setSoTimeout(20_000);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
        proxy.close();
        listener.close();
    }

    @Test
    void withoutFaultsEverythingArrivesBothWaysAndTheEndToo() throws IOException {
        send(client, FIRST, SECOND);
        assertThat(server.getInputStream().readNBytes(15)).endsWith(SECOND).startsWith(FIRST);
        send(server, SECOND);
        assertThat(client.getInputStream().readNBytes(8)).isEqualTo(SECOND);
        client.close();
        assertThat(server.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void aMessageIsCutAtTheByteThatWasPlanned() throws IOException {
        proxy.plan(Direction.UP, 1, new Fault.Cut(6));
        send(client, FIRST, SECOND);
        var arrived = server.getInputStream().readNBytes(7);
        assertThat(arrived).isEqualTo(FIRST);
        assertThatThrownBy(() -> {
                    while (server.getInputStream().read() >= 0) {}
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
        assertThat(proxy.pending()).isZero();
    }

    @Test
    void aCorruptMessageDiffersInOneBit() throws IOException {
        proxy.plan(Direction.DOWN, 0, new Fault.Corrupt());
        send(server, SECOND);
        assertThat(client.getInputStream().readNBytes(8)).isEqualTo(new byte[] {23, 3, 3, 0, 3, 7, 9, 9});
    }

    @Test
    void aResetIsSeenByBothSidesAndAnOrderlyEndAsSuch() throws IOException {
        proxy.now(new Fault.Reset());
        for (Socket side : new Socket[] {client, server}) {
            assertThatThrownBy(() -> side.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        try (Socket next = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            proxy.plan(Direction.UP, 0, new Fault.Close());
            send(next, FIRST);
            assertThat(next.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aHalfOpenConnectionTakesEverythingAndGivesNothing() throws IOException {
        proxy.plan(Direction.UP, 1, new Fault.HalfOpen());
        send(client, FIRST, SECOND);
        assertThat(server.getInputStream().readNBytes(7)).isEqualTo(FIRST);
        silent(server);
        send(server, SECOND);
        silent(client);
        client.close();
        silent(server);
    }

    @Test
    void theDarkSwallowsNewConnectionsToo() throws IOException {
        proxy.dark(true);
        try (Socket next = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            send(next, FIRST);
            silent(next);
        }
    }

    @Test
    void aStalledDirectionWaitsAndTheOtherGoesOn() throws IOException {
        proxy.plan(Direction.UP, 0, new Fault.Stall(Duration.ofMillis(1_500)));
        long begun = System.nanoTime();
        send(client, FIRST);
        send(server, SECOND);
        assertThat(client.getInputStream().readNBytes(8)).isEqualTo(SECOND);
        assertThat(server.getInputStream().readNBytes(7)).isEqualTo(FIRST);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(1_400));
    }

    @Test
    void aSlowLineDelaysEachMessageAndBoundsItsRate() throws IOException {
        proxy.line(new Line(Duration.ofMillis(300), 100));
        long begun = System.nanoTime();
        send(client, FIRST, FIRST, FIRST, FIRST, FIRST, FIRST);
        server.getInputStream().readNBytes(42);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(700));
    }

    @Test
    void aPersonCommandsItInWords() {
        var commands = new ProxyCommands(proxy);
        commands.obey("plan up 3 cut 5");
        commands.obey("plan down 0 half-open");
        assertThat(proxy.pending()).isEqualTo(2);
        commands.obey("clear");
        assertThat(proxy.pending()).isZero();
        assertThatThrownBy(() -> commands.obey("plan up 3 explode"))
                .hasMessageContaining("found \"plan up 3 explode\", accepted plan up|down");
    }

    private static void send(Socket socket, byte[]... messages) throws IOException {
        for (byte[] message : messages) {
            socket.getOutputStream().write(message);
        }
    }

    private static void silent(Socket socket) throws IOException {
        socket.setSoTimeout(SHORT);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(20_000);
    }
}
