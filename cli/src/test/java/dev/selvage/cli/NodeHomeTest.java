package dev.selvage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/guides/nodes.md, "container-engine": what {@code up} and {@code join} write into the agent's configuration. */
class NodeHomeTest {
    @TempDir
    private Path directory;

    private Home home;

    @BeforeEach
    void prepare() {
        home = Home.of(directory);
        home.prepare();
    }

    @Test
    void theEngineIsChosenBeforeTheNodeIsMadeAndKeptWhenItIs() throws IOException {
        assertThat(NodeHome.containerEngine(home)).isEqualTo("/var/run/docker.sock");
        NodeHome.chooseContainerEngine(home, "/run/one.sock");
        NodeHome.chooseContainerEngine(home, "/run/other.sock");
        NodeHome.configure(home, new Home.Settings(new Ports(20_000), "edge-1", false, true, "127.0.0.1"));
        assertThat(NodeHome.containerEngine(home)).isEqualTo("/run/other.sock");
        assertThat(Files.readAllLines(home.node().resolve("agent.properties")))
                .containsExactly("container-engine=/run/other.sock", "loopback-port=20003");
    }

    @Test
    void anotherEngineThanTheNodeHasIsRefusedAndTheFileIsNamed() throws IOException {
        NodeHome.chooseContainerEngine(home, "none");
        Files.createDirectories(home.node().resolve("identity"));
        Files.writeString(home.node().resolve("identity/identity.pem"), "");
        NodeHome.chooseContainerEngine(home, "none");
        assertThatThrownBy(() -> NodeHome.chooseContainerEngine(home, "/run/docker.sock"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageStartingWith("--container-engine: this node has none. Change container-engine in ")
                .hasMessageContaining("agent.properties");
        assertThat(NodeHome.containerEngine(home)).isEqualTo("none");
    }

    @Test
    void aSocketThatIsNoAbsolutePathIsRefused() {
        assertThatThrownBy(() -> NodeHome.chooseContainerEngine(home, "docker.sock"))
                .hasMessage(
                        "--container-engine: found \"docker.sock\", accepted is none, or the absolute path of an engine's Unix socket");
    }
}
