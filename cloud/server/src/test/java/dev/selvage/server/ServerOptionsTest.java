package dev.selvage.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/guides/nodes.md, "centre.properties". */
class ServerOptionsTest {
    @TempDir
    Path home;

    @Test
    void theHeartbeatOfTheLinkIsFifteenSecondsWhereNothingElseIsSaid() {
        assertThat(options("--home", home.toString()).heartbeat()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void theFileSaysHowOftenANodeShowsThatItLives() throws IOException {
        Files.writeString(home.resolve("centre.properties"), "heartbeat=2s\n");
        assertThat(options("--home", home.toString()).heartbeat()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aHeartbeatThatWouldLeaveReadinessUnknownOrFloodTheLinkIsRefusedByName() {
        for (String wrong : new String[] {"16s", "500ms", "1h"}) {
            assertThatThrownBy(() -> options("--home", home.toString(), "--heartbeat", wrong))
                    .hasMessage("heartbeat: found " + wrong + ", accepted are 1s to 15s");
        }
        assertThatThrownBy(() -> options("--home", home.toString(), "--heartbeat", "often"))
                .hasMessageContaining("heartbeat: found \"often\", accepted is ");
    }

    @Test
    void aSlipInTheFileIsNamedWithItsLine() throws IOException {
        Files.writeString(home.resolve("centre.properties"), "# ours\nhartbeat=2s\n");
        assertThatThrownBy(() -> options("--home", home.toString()))
                .hasMessageContaining("centre.properties:2: found \"hartbeat=2s\", accepted is KEY=VALUE with KEY of");
    }

    private static ServerOptions options(String... arguments) {
        return ServerOptions.parse(arguments);
    }
}
