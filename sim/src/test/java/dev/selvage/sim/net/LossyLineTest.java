package dev.selvage.sim.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Issue 3, Faults, 6: "300 ms and 20 % loss by a TUN or tbf set-up in a network namespace". */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LossyLineTest {
    private static final int NUMBER = (int) (ProcessHandle.current().pid() % 200);

    @Test
    void packetsComeLateAndSomeNotAtAll() throws Exception {
        try (LossyLine line = LossyLine.open(NUMBER, 1)) {
            assertThat(transfer(line)).isLessThan(Duration.ofSeconds(5));
            line.condition(Duration.ofMillis(150), 0.2);
            assertThat(transfer(line))
                    .as("a connection, a line and the answer to it take two times the round trip of 300 ms")
                    .isGreaterThan(Duration.ofMillis(590));
        }
    }

    /** From the namespace to this machine, by TCP: one line there and back. */
    private static Duration transfer(LossyLine line) throws Exception {
        try (var listener = new java.net.ServerSocket(0, 1, java.net.InetAddress.ofLiteral(line.nearAddress()))) {
            long begun = System.nanoTime();
            Process client = inside(
                    line,
                    "exec 3<>/dev/tcp/" + line.nearAddress() + "/" + listener.getLocalPort()
                            + "; echo hello >&3; read -r answer <&3; echo $answer");
            try (var socket = listener.accept()) {
                byte[] hello = socket.getInputStream().readNBytes(6);
                socket.getOutputStream().write(hello);
                assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("hello\n");
            }
            return Duration.ofNanos(System.nanoTime() - begun);
        }
    }

    private static Process inside(LossyLine line, String script) throws IOException {
        return new ProcessBuilder(List.of("nsenter", "--net=/run/netns/" + line.namespace(), "bash", "-c", script))
                .redirectErrorStream(true)
                .start();
    }
}
