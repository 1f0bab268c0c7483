package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.app;
import static dev.selvage.containers.ContainerNode.shell;
import static dev.selvage.containers.ContainerNode.spec;
import static dev.selvage.containers.ContainerNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.RootFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agent and engine come and go (issue 4: adopted after an agent crash and an engine restart; started again after the engine lost everything). */
class EngineFaultsTest {
    /** An engine of this class's own, which each test leaves at work. */
    @TempDir
    private static Path shared;

    private static DockerEngine engine;
    private static Path image;

    @TempDir
    Path home;

    @BeforeAll
    static void start() throws Exception {
        engine = DockerEngine.start(shared.resolve("d"));
        image = RootFileSystem.busybox(shared);
        engine.importImage(image, "busybox", "1");
    }

    @AfterAll
    static void end() throws Exception {
        engine.close();
    }

    private ContainerNode node() throws IOException {
        return new ContainerNode(home.resolve("node"), engine.socket());
    }

    private String inspect(String container) {
        try {
            return engine.call("GET", "/containers/" + container + "/json");
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void containersGoOnWithoutAnAgentAndTheNextOneAdoptsThemAndHearsWhatEnded() throws Exception {
        Path go = Files.createDirectory(home.resolve("go"));
        ObjectNode steady = shell("adopt-1", "echo once; exec sleep 1000");
        ObjectNode ending = shell("adopt-2", "until [ -e /go/now ]; do sleep 0.05; done; exit 42");
        spec(ending).put("restartPolicy", "Never");
        with(spec(ending), "{\"volumes\": [{\"name\": \"go\", \"hostPath\": {\"path\": \"%s\"}}]}".formatted(go));
        with(app(ending), "{\"volumeMounts\": [{\"name\": \"go\", \"mountPath\": \"/go\"}]}");
        ContainerNode first = node();
        first.run(steady, ending);
        first.awaitReady("adopt-1");
        first.awaitReady("adopt-2");
        String before = first.runtime
                .observe(new dev.selvage.workloads.RunId("adopt-1", "app", 0))
                .toString();
        String address = first.status("adopt-1").path("podIP").asText();
        first.leave();
        Files.createFile(go.resolve("now"));
        ContainerNode.await(
                "the end while no agent runs",
                () -> inspect("selvage_adopt-2_app_0").contains("\"Status\":\"exited\""),
                () -> inspect("selvage_adopt-2_app_0"));
        try (ContainerNode second = node()) {
            second.run(steady, ending);
            second.awaitPhase("adopt-2", "Failed");
            assertThat(second.container("adopt-2")
                            .at("/state/terminated/exitCode")
                            .asInt())
                    .isEqualTo(42);
            second.awaitReady("adopt-1");
            assertThat(second.container("adopt-1").path("restartCount").asInt()).isZero();
            assertThat(second.runtime
                            .observe(new dev.selvage.workloads.RunId("adopt-1", "app", 0))
                            .toString())
                    .isEqualTo(before);
            assertThat(second.status("adopt-1").path("podIP").asText()).isEqualTo(address);
            assertThat(second.logs("adopt-1")).isEqualTo("once\n");
            assertThat(second.history).noneMatch(s -> s.startsWith("adopt-1 ") && s.contains("\"ready\":false"));
        }
    }

    @Test
    void anEngineThatCrashesAndComesBackHasItsPodsStartedAgainInANewSandbox() throws Exception {
        try (ContainerNode node = node()) {
            node.run(shell("restart-1", "exec sleep 1000"));
            node.awaitReady("restart-1");
            engine.kill();
            ContainerNode.await(
                    "the engine to be missed",
                    () -> node.runtime.features().unavailable().isPresent(),
                    () -> node.runtime.features());
            assertThat(node.container("restart-1").path("ready").asBoolean()).isTrue();
            engine.startAgain();
            node.awaitContainer(
                    "restart-1",
                    c -> c.path("restartCount").asInt() >= 1 && c.path("ready").asBoolean());
            ContainerNode.await(
                    "the engine to be there again",
                    () -> node.runtime.features().unavailable().isEmpty(),
                    () -> node.runtime.features());
            assertThat(node.status("restart-1").path("podIP").asText()).isNotEmpty();
        }
    }

    @Test
    void anEngineThatLostEverythingHasItsPodsMadeAnewOnceTheirImageIsThere() throws Exception {
        try (ContainerNode node = node()) {
            ObjectNode pod = shell("lost-1", "echo again; exec sleep 1000");
            app(pod).put("imagePullPolicy", "Never");
            node.run(pod);
            node.awaitReady("lost-1");
            engine.kill();
            engine.loseEverything();
            engine.startAgain();
            node.awaitWaiting("lost-1", "ErrImageNeverPull");
            engine.importImage(image, "busybox", "1");
            node.awaitReady("lost-1");
            assertThat(node.container("lost-1").path("restartCount").asInt()).isPositive();
        }
    }

    @Test
    void anEngineThatHangsIsGivenUpInTimeAndSaidSo() throws Exception {
        try (ContainerNode node = node()) {
            node.run(shell("hang-1", "exec sleep 1000"));
            node.awaitReady("hang-1");
            engine.hang();
            node.run(shell("hang-2", "exec sleep 1000"));
            ContainerNode.await(
                    "the engine to be given up",
                    () -> node.runtime.features().unavailable().orElse("").contains("did not answer"),
                    () -> node.runtime.features());
            node.awaitEvent("hang-2", "FailedCreatePodSandBox: the container engine at");
            assertThat(node.container("hang-1").path("ready").asBoolean()).isTrue();
            engine.resume();
            node.awaitReady("hang-2");
            node.awaitReady("hang-1");
            assertThat(node.container("hang-1").path("restartCount").asInt()).isZero();
        }
    }

    @Test
    void aNodeWithoutAnEngineSaysSoAndTakesTheOneThatComes() throws Exception {
        engine.stop();
        try (ContainerNode node = node()) {
            assertThat(node.runtime.features().unavailable().orElse(""))
                    .contains("no container engine at " + engine.socket());
            node.run(shell("late-1", "exec sleep 1000"));
            node.awaitEvent("late-1", "FailedCreatePodSandBox");
            node.awaitPhase("late-1", "Pending");
            engine.startAgain();
            node.awaitReady("late-1");
        }
    }

    @Test
    void aPodRemovedWhileTheEngineIsAwayGoesWithItsReturn() throws Exception {
        ContainerNode first = node();
        ObjectNode pod = shell("away-1", "exit 0");
        spec(pod).put("restartPolicy", "Never");
        first.run(pod);
        first.awaitPhase("away-1", "Succeeded");
        engine.stop();
        first.drop("away-1");
        first.awaitGone("away-1");
        first.leave();
        engine.startAgain();
        assertThat(inspect("selvage_away-1_app_0")).contains("\"exited\"");
        try (ContainerNode _ = node()) {
            ContainerNode.await(
                    "the rest of the pod to go",
                    () -> inspect("selvage_away-1_app_0").contains("No such container"),
                    () -> inspect("selvage_away-1_app_0"));
        }
    }
}
