package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.agent.Tokens.Caller;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.session.SliceChange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** design.md "The edge owns its life": an agent without a link, from its own disk, with a real process pod. */
class AgentTest {
    @TempDir
    Path dir;

    private Home home = new Home(Path.of("."));

    @BeforeEach
    void prepare() throws IOException, SQLException {
        home = Home.open(dir.resolve("home"));
        Files.writeString(home.config(), "node-name=edge-1\nloopback-port=0\n");
        try (SqliteSlice slice = SqliteSlice.open(home.slice(), fault -> {})) {
            slice.apply(new SliceChange("inc", 1, List.of(pod()), List.of()));
        }
    }

    /** Whatever a test left running ends with it. */
    @AfterEach
    void stopPods() throws IOException, InterruptedException {
        command("stop-pods");
    }

    @Test
    void aPodRunsFromTheDiskOutlivesTheAgentAndIsFoundAgain() throws IOException {
        long pid;
        try (Agent agent = Agent.start(home)) {
            pid = runningPid(agent);
            assertThat(ProcessHandle.of(pid)).isPresent();
        }
        assertThat(ProcessHandle.of(pid)).isPresent();
        try (Agent agent = Agent.start(home)) {
            assertThat(runningPid(agent)).isEqualTo(pid);
        }
    }

    @Test
    void aDamagedSliceIsSetAsideAndReportedAndThePodRunsOn() throws IOException {
        long pid;
        try (Agent agent = Agent.start(home)) {
            pid = runningPid(agent);
        }
        Files.deleteIfExists(home.slice().resolveSibling("slice.db-wal"));
        Files.writeString(home.slice(), "damaged ".repeat(1000));
        try (Agent agent = Agent.start(home)) {
            Eventually.holds(() -> agent.supervisor().health().containsKey("metrics"));
            AgentView view = new AgentView(agent);
            assertThat(view.health().path("notes").toString()).contains("set aside as slice.db.damaged-");
            assertThat(ProcessHandle.of(pid)).isPresent();
            agent.slice().apply(new SliceChange("inc", 2, List.of(pod()), List.of()));
            agent.reconcile();
            assertThat(runningPid(agent)).isEqualTo(pid);
        }
    }

    @Test
    void stopPodsEndsThemAndTheNextRunStartsThemAgain() throws IOException, InterruptedException {
        long pid;
        try (Agent agent = Agent.start(home)) {
            pid = runningPid(agent);
            assertThatThrownBy(() -> command("stop-pods")).hasMessageContaining("another agent works in");
        }
        assertThat(command("stop-pods")).isEqualToIgnoringNewLines("1");
        assertThat(ProcessHandle.of(pid)).isEmpty();
        try (Agent agent = Agent.start(home)) {
            assertThat(runningPid(agent)).isNotEqualTo(pid);
        }
    }

    @Test
    void statusTellsOfTheNodeOverTheLoopbackApi() throws IOException, InterruptedException {
        try (Agent agent = Agent.start(home)) {
            long pid = runningPid(agent);
            Eventually.holds(() -> agent.metrics().containsKey("memory_percent"));
            assertThat(command("status")).contains("edge-1", "working alone", "sleeper", Long.toString(pid), "backlog");
        }
        assertThatThrownBy(() -> command("status"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no agent answers on 127.0.0.1:");
    }

    @Test
    void withoutALinkTheNodesFiguresWaitInTheBacklog() throws IOException {
        try (Agent agent = Agent.start(home)) {
            Eventually.holds(() ->
                    new AgentView(agent).lanes().path("backlog").path("waiting").asLong() > 0);
            assertThat(agent.linked()).isFalse();
        }
    }

    private long runningPid(Agent agent) {
        long[] pid = {0};
        Eventually.holds(() -> {
            for (JsonNode pod : new AgentView(agent).pods(new Caller.Site())) {
                pid[0] = pod.path("containers").path(0).path("pid").asLong();
            }
            return pid[0] > 0;
        });
        return pid[0];
    }

    private String command(String name) throws IOException, InterruptedException {
        Arguments arguments =
                Arguments.parse(List.of("--home", home.directory().toString()), Set.of("--home"), Set.of());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        if (name.equals("status")) {
            StatusCommand.run(arguments, print);
        } else {
            StopPodsCommand.run(arguments, print);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static SliceChange.Put pod() {
        ObjectNode pod = Json.parseObject("""
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"name": "sleeper", "namespace": "green", "uid": "uid-sleeper"},
                 "spec": {"runtimeClassName": "process", "nodeName": "edge-1", "hostNetwork": true,
                  "terminationGracePeriodSeconds": 1,
                  "containers": [{"name": "main", "image": "host", "command": ["/bin/sleep", "1000"]}]}}""");
        return new SliceChange.Put(ObjectKey.of(Kinds.POD, "green", "sleeper"), "uid-sleeper", 1, Json.bytes(pod));
    }
}
