package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.pod;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pod lifecycle (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle) with real processes. */
class PodLifeTest {
    @TempDir
    Path home;

    private TestNode node;

    @BeforeEach
    void open() {
        node = new TestNode(home);
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void aPodRunsAndItsStatusHasUpstreamsShape() {
        node.run(shell("life-1", "echo hello; exec sleep 1000"));
        node.awaitReady("life-1");
        JsonNode status = node.status("life-1");
        assertThat(status.path("phase").asText()).isEqualTo("Running");
        assertThat(status.path("observedGeneration").asInt()).isEqualTo(1);
        assertThat(status.path("podIP").asText()).isEqualTo("127.0.0.1");
        assertThat(status.path("qosClass").asText()).isEqualTo("BestEffort");
        assertThat(status.path("conditions").findValuesAsText("type"))
                .containsExactly("Initialized", "Ready", "ContainersReady", "PodScheduled");
        JsonNode container = node.container("life-1", 0);
        assertThat(container.path("ready").asBoolean()).isTrue();
        assertThat(container.path("started").asBoolean()).isTrue();
        assertThat(container.path("restartCount").asInt()).isZero();
        assertThat(container.path("containerID").asText()).startsWith("process://");
        assertThat(container.path("state").path("running").path("startedAt").asText())
                .isNotEmpty();
        node.awaitLog("life-1", "hello");
        assertThat(node.snapshot("life-1").pid()).isPositive();
    }

    @Test
    void aPodThatNeverRestartsSucceedsOrFailsWithItsExitCode() {
        ObjectNode good = shell("life-4", "exit 0");
        ObjectNode bad = shell("life-5", "exit 7");
        spec(good).put("restartPolicy", "Never");
        spec(bad).put("restartPolicy", "Never");
        node.run(good, bad);
        node.awaitPhase("life-4", "Succeeded");
        node.awaitPhase("life-5", "Failed");
        assertThat(node.container("life-4", 0).at("/state/terminated/reason").asText())
                .isEqualTo("Completed");
        assertThat(node.container("life-5", 0).at("/state/terminated/exitCode").asInt())
                .isEqualTo(7);
        assertThat(node.container("life-5", 0).at("/state/terminated/reason").asText())
                .isEqualTo("Error");
    }

    @Test
    void aCommandThatIsNotThereIsAStartErrorAndThenBackedOff() {
        node.run(pod("life-6", "no-such-program", "--flag"));
        node.awaitContainer(
                "life-6", 0, c -> c.at("/state/waiting/reason").asText().equals("CrashLoopBackOff"));
        JsonNode last = node.container("life-6", 0).at("/lastState/terminated");
        assertThat(last.path("reason").asText()).isEqualTo("StartError");
        assertThat(last.path("exitCode").asInt()).isEqualTo(128);
        assertThat(last.path("message").asText()).contains("no-such-program", "No such file or directory");
    }

    @Test
    void aDeletedPodEndsWithinItsGraceAndLeavesNothing() {
        node.run(shell("life-7", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"));
        node.awaitLog("life-7", "up");
        node.drop("life-7");
        node.awaitGone("life-7");
        assertThat(node.container("life-7", 0).at("/state/terminated/exitCode").asInt())
                .isZero();
        assertThat(home.resolve("pods/pods/life-7")).doesNotExist();
        assertThat(home.resolve("process/runs/life-7")).doesNotExist();
        assertThat(Files.exists(
                        Path.of("/sys/fs/cgroup/pids/selvage", OwnFiles.instance(home.resolve("process")), "life-7")))
                .isFalse();
    }

    @Test
    void aProcessThatIgnoresSigtermIsKilledWhenItsGraceIsOver() {
        ObjectNode stubborn = shell("life-8", "trap '' TERM; echo up; while :; do sleep 0.1; done");
        spec(stubborn).put("terminationGracePeriodSeconds", 1);
        node.run(stubborn);
        node.awaitLog("life-8", "up");
        long began = System.nanoTime();
        node.drop("life-8");
        node.awaitGone("life-8");
        assertThat(System.nanoTime() - began).isBetween(900_000_000L, 10_000_000_000L);
        assertThat(node.container("life-8", 0).at("/state/terminated/exitCode").asInt())
                .isEqualTo(137);
        assertThat(node.container("life-8", 0).at("/state/terminated/signal").asInt())
                .isEqualTo(9);
    }

    @Test
    void initContainersRunInOrderBeforeTheOthers() {
        ObjectNode pod = shell("life-9", "cat /data/order; exec sleep 1000");
        with(spec(pod), """
                {"volumes": [{"name": "data", "emptyDir": {}}],
                 "initContainers": [
                  {"name": "one", "image": "host", "command": ["sh", "-c", "sleep 0.2; echo one >>/data/order"],
                   "volumeMounts": [{"name": "data", "mountPath": "/data"}]},
                  {"name": "two", "image": "host", "command": ["sh", "-c", "echo two >>/data/order"],
                   "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}
                """);
        with(app(pod), "{\"volumeMounts\": [{\"name\": \"data\", \"mountPath\": \"/data\"}]}");
        node.run(pod);
        node.awaitLog("life-9", "one\ntwo\n");
        node.awaitReady("life-9");
        assertThat(node.status("life-9").path("initContainerStatuses").findValuesAsText("exitCode"))
                .containsExactly("0", "0");
    }

    @Test
    void aFailingInitContainerOfAPodThatNeverRestartsFailsThePod() {
        ObjectNode pod = shell("life-10", "echo never");
        with(spec(pod), """
                {"restartPolicy": "Never",
                 "initContainers": [{"name": "one", "image": "host", "command": ["sh", "-c", "exit 3"]}]}
                """);
        node.run(pod);
        node.awaitPhase("life-10", "Failed");
        assertThat(node.status("life-10")
                        .at("/initContainerStatuses/0/state/terminated/exitCode")
                        .asInt())
                .isEqualTo(3);
        assertThat(node.container("life-10", 0).at("/state/waiting/reason").asText())
                .isEqualTo("PodInitializing");
    }

    @Test
    void aPodWithoutTheHostsNetworkIsRefusedByName() {
        ObjectNode pod = shell("life-11", "true");
        spec(pod).put("hostNetwork", false);
        node.run(pod);
        node.awaitPhase("life-11", "Failed");
        assertThat(node.status("life-11").path("reason").asText()).isEqualTo("Refused");
        assertThat(node.status("life-11").path("message").asText()).contains("spec.hostNetwork");
    }
}
