package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.files.CheckedFile;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent never takes a workload down; it finds it again (design, Node: Adoption). */
class AdoptionTest {
    @TempDir
    Path home;

    @Test
    void containersSurviveKillOfTheAgentAndAreAdoptedWithPidRestartCountAndReadiness() throws Exception {
        ObjectNode steady = shell("adopt-1", "test -e /data/again && exec sleep 1000; touch /data/again; exit 1");
        mountData(steady);
        with(
                app(steady),
                "{\"readinessProbe\": {\"exec\": {\"command\": [\"true\"]}, \"periodSeconds\": 30, \"timeoutSeconds\": 20}}");
        ObjectNode ending = shell("adopt-2", "while [ ! -e /data/go ]; do sleep 0.02; done; exit 42");
        mountData(ending);
        spec(ending).put("restartPolicy", "Never");

        Process agent = host(steady, ending);
        await(agent, "adopt-1", "\"restartCount\":1", "\"ready\":true", "\"phase\":\"Running\"");
        await(agent, "adopt-2", "\"ready\":true");
        long pid = mainPid("adopt-1", 1);
        long lost = mainPid("adopt-2", 0);
        signal("-INT", -agent.pid()); // Ctrl-C of the agent's process group
        signal("-KILL", agent.pid());
        assertThat(agent.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(ProcFs.stat(pid).orElseThrow().alive()).isTrue();
        Files.createFile(home.resolve("pods/pods/adopt-2/volumes/data/go"));
        TestNode.await("exit while no agent runs", () -> ProcFs.stat(lost).isEmpty(), () -> lost);

        try (TestNode node = new TestNode(home)) {
            node.run(steady, ending);
            node.awaitReady("adopt-1");
            assertThat(node.history).noneMatch(s -> s.startsWith("adopt-1 ") && s.contains("\"ready\":false"));
            assertThat(node.container("adopt-1", 0).path("restartCount").asInt())
                    .isEqualTo(1);
            assertThat(node.snapshot("adopt-1").pid()).isEqualTo(pid);
            assertThat(node.events).noneMatch(e -> e.startsWith("adopt-1 Started"));
            node.awaitPhase("adopt-2", "Failed");
            assertThat(node.container("adopt-2", 0)
                            .at("/state/terminated/exitCode")
                            .asInt())
                    .isEqualTo(42);
            assertThat(node.container("adopt-2", 0).path("restartCount").asInt())
                    .isZero();
        }
    }

    @Test
    void closingThePodsLeavesContainersRunningAndOrphansEndOnlyWhenTheDesiredSetIsKnown() {
        ObjectNode pod = shell("adopt-3", "echo up; exec sleep 1000");
        TestNode first = new TestNode(home);
        first.run(pod);
        first.awaitLog("adopt-3", "up");
        long pid = first.snapshot("adopt-3").pid();
        first.pods.close();
        first.runtime.close();
        assertThat(ProcFs.stat(pid).orElseThrow().alive()).isTrue();
        try (TestNode second = new TestNode(home)) {
            assertThat(ProcFs.stat(pid).orElseThrow().alive()).isTrue();
            second.run();
            second.awaitGone("adopt-3");
            assertThat(ProcFs.stat(pid)).isEmpty();
            assertThat(home.resolve("pods/pods/adopt-3")).doesNotExist();
        }
    }

    @Test
    void afterARebootPodsStartAgainAndInitContainersRunOnceMore() throws Exception {
        ObjectNode pod = shell("adopt-4", "cat /data/init; exec sleep 1000");
        mountData(pod);
        with(spec(pod), """
                {"initContainers": [{"name": "one", "image": "host", "command": ["sh", "-c", "echo ran >>/data/init"],
                  "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}
                """);
        TestNode first = new TestNode(home);
        first.run(pod);
        first.awaitLog("adopt-4", "ran");
        first.pods.close();
        first.runtime.close();
        long before = mainPid("adopt-4", 0);
        forgetBoot("adopt-4");
        signal("-KILL", parent(before)); // the power cut
        TestNode.await("dead", () -> ProcFs.stat(before).isEmpty(), () -> before);
        try (TestNode second = new TestNode(home)) {
            second.run(pod);
            second.awaitLog("adopt-4", "ran\nran\n");
            second.awaitContainer(
                    "adopt-4",
                    0,
                    c -> c.path("ready").asBoolean() && c.path("restartCount").asInt() == 1);
            assertThat(second.container("adopt-4", 0)
                            .at("/lastState/terminated/reason")
                            .asText())
                    .isEqualTo("ContainerStatusUnknown");
            assertThat(second.container("adopt-4", 0)
                            .at("/lastState/terminated/message")
                            .asText())
                    .contains("started anew");
            assertThat(second.container("adopt-4", 0).path("restartCount").asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void aRecordThatCannotBeReadIsSetAsideAndItsContainerStillAdopted() throws Exception {
        ObjectNode pod = shell("adopt-5", "echo up; exec sleep 1000");
        TestNode first = new TestNode(home);
        first.run(pod);
        first.awaitLog("adopt-5", "up");
        long pid = first.snapshot("adopt-5").pid();
        first.pods.close();
        first.runtime.close();
        Files.writeString(home.resolve("pods/pods/adopt-5/pod.json"), "{\"version\":1,\"pod\":{\"met");
        try (TestNode second = new TestNode(home)) {
            assertThat(second.pods.faults()).singleElement().asString().contains("adopt-5", "set aside");
            second.run(pod);
            second.awaitReady("adopt-5");
            assertThat(second.snapshot("adopt-5").pid()).isEqualTo(pid);
        }
    }

    /** Torn files: nobody wants the pod any more, and nothing but its processes tells of it. */
    @Test
    void aPodWhoseRecordIsLostEndsWhenTheWholeDesiredSetIsWithoutIt() throws Exception {
        ObjectNode pod = shell("adopt-7", "echo up; exec sleep 1000");
        long pid = leave(pod, "adopt-7");
        Files.writeString(home.resolve("pods/pods/adopt-7/pod.json"), "");
        try (TestNode second = new TestNode(home)) {
            second.pods.desired(List.of(), false);
            assertThat(ProcFs.stat(pid).orElseThrow().alive()).isTrue();
            second.pods.desired(List.of(), true);
            TestNode.await("ended", () -> ProcFs.stat(pid).isEmpty(), () -> pid);
            TestNode.await("removed", () -> !Files.exists(home.resolve("pods/pods/adopt-7")), () -> pid);
        }
    }

    /** Torn files: of a slice that is not whole nothing is concluded, yet its pods are looked after. */
    @Test
    void aPodThatIsMissingInADamagedSetGoesOnAndIsStartedAgainWhenItEnds() throws Exception {
        ObjectNode pod = shell("adopt-8", "echo up; exec sleep 1000");
        long pid = leave(pod, "adopt-8");
        try (TestNode second = new TestNode(home)) {
            second.pods.desired(List.of(), false);
            second.awaitReady("adopt-8");
            assertThat(second.snapshot("adopt-8").pid()).isEqualTo(pid);
            signal("-KILL", pid);
            second.awaitContainer(
                    "adopt-8",
                    0,
                    c -> c.path("ready").asBoolean() && c.path("restartCount").asInt() == 1);
        }
    }

    /** Torn files: a power cut leaves files that were just made without content. */
    @Test
    void aRunWhoseIdentityIsEmptyIsStartedAllTheSame() throws Exception {
        ObjectNode pod = shell("adopt-9", "echo up; exec sleep 1000");
        long pid = leave(pod, "adopt-9");
        signal("-KILL", parent(parent(pid)));
        signal("-KILL", pid);
        TestNode.await("dead", () -> ProcFs.stat(pid).isEmpty(), () -> pid);
        RunFiles files = RunFiles.of(home.resolve("process"), new RunId("adopt-9", "app", 0));
        Files.writeString(files.identity(), "");
        Files.writeString(files.identityCopy(), "");
        Files.writeString(files.status(), "");
        try (TestNode second = new TestNode(home)) {
            second.run(pod);
            second.awaitReady("adopt-9");
            assertThat(second.snapshot("adopt-9").pid()).isNotEqualTo(pid).isPositive();
        }
    }

    /** Runs the pod, and ends the agent without it; gives the command's pid. */
    private long leave(ObjectNode pod, String uid) {
        TestNode first = new TestNode(home);
        first.run(pod);
        first.awaitLog(uid, "up");
        long pid = first.snapshot(uid).pid();
        first.pods.close();
        first.runtime.close();
        return pid;
    }

    @Test
    void aContainerWhoseMonitorWasKilledGoesOnAndItsLostExitCodeIsSaidToBeUnknown() throws Exception {
        try (TestNode node = new TestNode(home)) {
            ObjectNode pod = shell("adopt-6", "echo up; exec sleep 1000");
            spec(pod).put("restartPolicy", "Never");
            node.run(pod);
            node.awaitLog("adopt-6", "up");
            long main = node.snapshot("adopt-6").pid();
            long monitor = parent(parent(main));
            signal("-KILL", monitor);
            TestNode.await(
                    "monitor gone",
                    () -> ProcFs.stat(monitor).filter(ProcFs.Stat::alive).isEmpty(),
                    () -> monitor);
            node.pods.configsChanged();
            assertThat(ProcFs.stat(main).orElseThrow().alive()).isTrue();
            signal("-KILL", main);
            node.awaitPhase("adopt-6", "Failed");
            assertThat(node.container("adopt-6", 0)
                            .at("/state/terminated/reason")
                            .asText())
                    .isEqualTo("ContainerStatusUnknown");
        }
    }

    private Process host(ObjectNode... pods) throws IOException {
        ObjectNode list = Json.object();
        for (ObjectNode pod : pods) {
            list.withArray("items").add(pod);
        }
        Path file = home.resolve("desired.json");
        Files.write(file, Json.bytes(list));
        List<String> command = List.of(
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                PodsHost.class.getName(),
                home.toString(),
                file.toString());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("agent.log").toFile())
                .start();
    }

    private void await(Process agent, String uid, String... wanted) {
        TestNode.await(
                uid + " in the agent's own process",
                () -> agent.isAlive()
                        && agentLog()
                                .lines()
                                .anyMatch(l -> l.startsWith("status " + uid)
                                        && List.of(wanted).stream().allMatch(l::contains)),
                this::agentLog);
    }

    private String agentLog() {
        return ProcFs.read(home.resolve("agent.log")).orElse("");
    }

    private long mainPid(String uid, int attempt) {
        RunFiles files = RunFiles.of(home.resolve("process"), new RunId(uid, "app", attempt));
        return ProcFs.children(files.read().child()).getFirst();
    }

    private static long parent(long pid) {
        return ProcFs.stat(pid).orElseThrow().parent();
    }

    /** Makes the state look as if it came from an earlier boot. */
    private void forgetBoot(String uid) throws IOException {
        List<Path> files = new ArrayList<>();
        try (var tree = Files.walk(home)) {
            tree.filter(p -> p.endsWith("identity") || p.endsWith("identity.copy") || p.endsWith("pod.json"))
                    .forEach(files::add);
        }
        for (Path file : files) {
            String text = Files.readString(file);
            if (file.endsWith("pod.json")) {
                String record =
                        new String(CheckedFile.content(Files.readAllBytes(file)).orElseThrow(), UTF_8);
                Files.write(file, CheckedFile.bytes(elsewhere(record).getBytes(UTF_8)));
            } else {
                Files.writeString(file, elsewhere(text));
            }
        }
        assertThat(files).as(uid).hasSize(5);
    }

    private static String elsewhere(String text) {
        return text.replace(ProcFs.bootId(), "another-boot");
    }

    private static void mountData(ObjectNode pod) {
        with(spec(pod), "{\"volumes\": [{\"name\": \"data\", \"emptyDir\": {}}]}");
        with(app(pod), "{\"volumeMounts\": [{\"name\": \"data\", \"mountPath\": \"/data\"}]}");
    }

    private static void signal(String signal, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, "--", Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
    }
}
