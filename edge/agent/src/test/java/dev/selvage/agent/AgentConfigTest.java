package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.session.HubAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** style.md 6: configuration keys are kebab-case and typed; what is not known is refused loudly. */
class AgentConfigTest {
    @TempDir
    Path dir;

    @Test
    void everySettingIsReadWithItsType() throws IOException {
        AgentConfig config = read("""
                # a comment
                node-name = edge-7
                hubs=hub.example:7443, [::1]:7444
                loopback-port=0
                node-address=10.1.2.3
                metrics-interval=1m
                link-max-backoff=5s
                max-pods=20
                lane-live-size=8Mi
                """);
        assertThat(config.nodeName()).isEqualTo("edge-7");
        assertThat(config.hubs()).containsExactly(new HubAddress("hub.example", 7443), new HubAddress("::1", 7444));
        assertThat(config.loopbackPort()).isZero();
        assertThat(config.address()).hasValue("10.1.2.3");
        assertThat(config.metricsInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.linkMaxBackoff()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.maxPods()).isEqualTo(20);
        assertThat(config.lanes().liveBytes()).isEqualTo(8L << 20);
    }

    @Test
    void withoutAFileTheNodeBearsTheHostsNameAndWorksAlone() {
        AgentConfig config = AgentConfig.read(Home.open(dir));
        assertThat(config.nodeName()).isNotBlank();
        assertThat(config.hubs()).isEmpty();
        assertThat(config.loopbackPort()).isEqualTo(AgentConfig.DEFAULT_PORT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            loopback-port=70000    | agent.properties:1: loopback-port: found "70000", accepted is a whole number from 0 to 65535
            loopback-port=http     | agent.properties:1: loopback-port: found "http", accepted is a whole number from 0 to 65535
            metrics-interval=1     | agent.properties:1: metrics-interval: found "1", accepted is a duration from 1s to 10m, such as 15s
            metrics-interval=1ms   | agent.properties:1: metrics-interval: found "1ms", accepted is a duration from 1s to 10m, such as 15s
            link-max-backoff=500ms | agent.properties:1: link-max-backoff: found "500ms", accepted is a duration from 1s to 10m, such as 15s
            hubs=hub.example       | agent.properties:1: hubs: found "hub.example", accepted is HOST:PORT, several separated by commas
            node-name=Edge_1       | agent.properties:1: node-name: found "Edge_1", accepted is a DNS subdomain
            lane-live-size=1k      | agent.properties:1: lane-live-size: found "1k", accepted is a size of at least
            loopback.port=1        | agent.properties:1: unknown key "loopback.port", accepted are container-engine, container-network, hubs, lane-backlog-size,
            container-engine=tcp://h:1 | agent.properties:1: container-engine: found "tcp://h:1", accepted is none, or the path of a Docker
            just words             | agent.properties:1: found "just words", accepted is key=value
            """)
    void aWrongLineIsRefusedWithItsNumberWhatWasFoundAndWhatIsAccepted(String line, String message) {
        assertThatThrownBy(() -> read(line)).isInstanceOf(ConfigException.class).hasMessageContaining(message);
    }

    @Test
    void aKeySetTwiceIsRefused() {
        assertThatThrownBy(() -> read("max-pods=1\n\nmax-pods=2"))
                .hasMessageContaining("agent.properties:3: \"max-pods\" is already set in line 1");
    }

    @Test
    void enrolmentWritesNameAndHubsAndKeepsTheOtherLines() throws IOException {
        Home home = Home.open(dir);
        Files.writeString(home.config(), "# mine\nloopback-port=1234\nhubs=old:1\n");
        EnrollCommand.configure(home, "edge-9", List.of(new HubAddress("hub", 7443)));
        assertThat(home.config()).content().startsWith("# mine\nloopback-port=1234\n");
        AgentConfig config = AgentConfig.read(home);
        assertThat(config.nodeName()).isEqualTo("edge-9");
        assertThat(config.hubs()).containsExactly(new HubAddress("hub", 7443));
    }

    @Test
    void aSecondAgentInTheSameHomeIsRefused() {
        Home home = Home.open(dir);
        try (Home.Lock _ = home.lock()) {
            assertThatThrownBy(home::lock).hasMessageContaining("another agent works in " + dir);
        }
        home.lock().close();
    }

    @Test
    void aHomeThatIsAFileIsRefusedInOneLine() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        assertThatThrownBy(() -> Home.open(file.resolve("home")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cannot be used");
    }

    private AgentConfig read(String text) throws IOException {
        Home home = Home.open(dir);
        Files.writeString(home.config(), text);
        return AgentConfig.read(home);
    }
}
