package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.app;
import static dev.selvage.containers.ContainerNode.shell;
import static dev.selvage.containers.ContainerNode.spec;
import static dev.selvage.containers.ContainerNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.workloads.ExecOutcome;
import dev.selvage.workloads.LogRequest;
import dev.selvage.workloads.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Issue 4, Faults: containers that take all they can get are held, and their neighbours do not notice. */
class ContainerFaultsTest {
    private static final int PIDS = 200;
    private static final long LOG_BYTES = 3 << 20;
    /** A file that is renamed while it is looked at counts twice. */
    private static final long MOST_LOG = LOG_BYTES * 3 / 2;

    private final DockerEngine engine = SharedEngine.get();

    @TempDir
    Path home;

    private ContainerNode node;

    @BeforeEach
    void open() throws IOException {
        node = new ContainerNode(
                home.resolve("node"),
                ContainersConfig.of(engine.socket(), home.resolve("node/containers"))
                        .withPids(PIDS)
                        .withLogBytes(LOG_BYTES));
        node.run(shell("neighbour", "exec sleep 1000"));
        node.awaitReady("neighbour");
    }

    @AfterEach
    void close() {
        theNeighbourHasNotNoticed();
        node.close();
    }

    private void theNeighbourHasNotNoticed() {
        ExecOutcome outcome =
                node.runtime.exec(new RunId("neighbour", "app", 0), List.of("echo", "here"), Duration.ofSeconds(30));
        assertThat(outcome).isEqualTo(new ExecOutcome.Ended(0, "here\n"));
        assertThat(node.container("neighbour").path("restartCount").asInt(-1)).isZero();
        assertThat(node.container("neighbour").path("ready").asBoolean()).isTrue();
    }

    private JsonNode inspect(String uid) {
        try {
            return Json.parseObject(engine.call("GET", "/containers/selvage_" + uid + "_app_0/json"));
        } catch (IOException e) {
            return Json.object().put("error", String.valueOf(e.getMessage()));
        }
    }

    @Test
    void forksWithoutEndStopAtTheLimitAndGoWithTheirPod() throws Exception {
        node.run(shell("forks", "(while true; do sleep 1000 & done) 2>/dev/null & exec sleep 1000"));
        node.awaitReady("forks");
        ContainerNode.await("the limit to be reached", () -> pids("forks") == PIDS, () -> pids("forks"));
        assertThat(inspect("forks").at("/HostConfig/PidsLimit").asLong()).isEqualTo(PIDS);
        ExecOutcome more = node.runtime.exec(
                new RunId("forks", "app", 0), List.of("sh", "-c", "true & wait"), Duration.ofSeconds(30));
        assertThat(more)
                .isInstanceOfSatisfying(
                        ExecOutcome.Ended.class,
                        ended -> assertThat(ended.output()).contains("can't fork: Resource temporarily unavailable"));
        theNeighbourHasNotNoticed();
        long pid = inspect("forks").at("/State/Pid").asLong();
        node.drop("forks");
        node.awaitGone("forks");
        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThat(inspect("forks").path("error").asText()).contains("No such container");
    }

    private long pids(String uid) {
        try {
            return Json.parseObject(
                            engine.call("GET", "/containers/selvage_" + uid + "_app_0/stats?stream=0&one-shot=1"))
                    .at("/pids_stats/current")
                    .asLong();
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    @Timeout(180)
    void aFloodOfOutputIsBoundedOnDiskAndItsTailStillAnswers() throws Exception {
        String line = "a line of a thousand bytes ".repeat(37);
        node.run(shell("flood", "exec yes '" + line + "'"));
        node.awaitReady("flood");
        long pid = inspect("flood").at("/State/Pid").asLong();
        ContainerNode.await(
                "ten times as much output as is kept", () -> written(pid) > 10 * LOG_BYTES, () -> written(pid));
        Path log = Path.of(inspect("flood").path("LogPath").asText());
        assertThat(size(log)).isBetween(1L, MOST_LOG);
        String tail = node.logs(new LogRequest(
                "default",
                "",
                "flood",
                "app",
                false,
                false,
                false,
                OptionalLong.of(5),
                OptionalLong.empty(),
                OptionalLong.empty()));
        assertThat(tail).isEqualTo((line + "\n").repeat(5));
        assertThat(size(log)).isBetween(1L, MOST_LOG);
    }

    /** As the kernel counts what a process has written (proc(5), /proc/PID/io). */
    private static long written(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "io")).stream()
                    .filter(l -> l.startsWith("wchar: "))
                    .mapToLong(l -> Long.parseLong(l.substring(7)))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return -1;
        }
    }

    private static long sizeNow(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException rotated) {
            return 0;
        }
    }

    private static long size(Path log) throws IOException {
        try (var files = Files.newDirectoryStream(log.getParent(), "*-json.log*")) {
            long sum = 0;
            for (Path file : files) {
                sum += sizeNow(file);
            }
            return sum;
        }
    }

    /** kubernetes.io/docs/concepts/configuration/manage-resources-containers, "Local ephemeral storage"; the kubelet's words. */
    @Test
    void whatTakesMoreOfTheDiskThanItMayIsEvictedAndItsSpaceIsFree() {
        ObjectNode alone = shell("alone", "head -c 20000000 /dev/zero >/big; exec sleep 1000");
        with(app(alone), "{\"resources\": {\"limits\": {\"ephemeral-storage\": \"10Mi\"}}}");
        ObjectNode two = shell("two", "head -c 12000000 /dev/zero >/big; exec sleep 1000");
        with(app(two), "{\"resources\": {\"limits\": {\"ephemeral-storage\": \"10Mi\"}}}");
        ObjectNode beside = app(two).deepCopy().put("name", "beside");
        beside.putArray("command").add("sleep").add("1000");
        spec(two).withArray("containers").add(beside);
        ObjectNode sum = withVolume(
                shell("sum", "head -c 7000000 /dev/zero >/big; head -c 7000000 /dev/zero >/data/big; exec sleep 1000"),
                "{}");
        with(app(sum), "{\"resources\": {\"limits\": {\"ephemeral-storage\": \"10Mi\"}}}");
        ObjectNode volume = withVolume(
                shell("volume", "head -c 2000000 /dev/zero >/data/big; exec sleep 1000"), "{\"sizeLimit\": \"1Mi\"}");
        ObjectNode modest = withVolume(
                shell("modest", "head -c 500000 /dev/zero >/data/some; exec sleep 1000"), "{\"sizeLimit\": \"1Mi\"}");
        with(app(modest), "{\"resources\": {\"limits\": {\"ephemeral-storage\": \"10Mi\"}}}");
        node.run(alone, two, sum, volume, modest);
        evicted("alone", "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ");
        evicted("two", "Container app exceeded its local ephemeral storage limit \"10Mi\". ");
        evicted("sum", "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ");
        evicted("volume", "Usage of EmptyDir volume \"data\" exceeds the limit \"1Mi\". ");
        assertThat(node.status("modest").path("phase").asText()).isEqualTo("Running");
    }

    private static ObjectNode withVolume(ObjectNode pod, String emptyDir) {
        with(spec(pod), "{\"volumes\": [{\"name\": \"data\", \"emptyDir\": %s}]}".formatted(emptyDir));
        with(app(pod), "{\"volumeMounts\": [{\"name\": \"data\", \"mountPath\": \"/data\"}]}");
        return pod;
    }

    private void evicted(String uid, String message) {
        node.awaitPhase(uid, "Failed");
        assertThat(node.status(uid).path("reason").asText()).isEqualTo("Evicted");
        assertThat(node.status(uid).path("message").asText()).isEqualTo(message);
        assertThat(node.eventsOf(uid)).contains(uid + " Evicted: " + message);
        ContainerNode.await(
                uid + "'s containers to be removed", () -> inspect(uid).has("error"), () -> inspect(uid));
        Path volumes = home.resolve("node/pods").resolve(uid).resolve("volumes");
        ContainerNode.await(uid + "'s volumes to be removed", () -> !Files.exists(volumes), () -> volumes);
    }

    @Test
    void whatEatsItsMemoryIsKilledAndWhatEndsAtOnceIsBackedOff() {
        ObjectNode eater = shell("eater", "x=a; while true; do x=$x$x$x$x; done");
        with(app(eater), "{\"resources\": {\"limits\": {\"memory\": \"16Mi\"}}}");
        node.run(eater, shell("ends", "exit 4"));
        node.awaitWaiting("eater", "CrashLoopBackOff");
        assertThat(node.container("eater").at("/lastState/terminated/reason").asText())
                .isEqualTo("OOMKilled");
        assertThat(node.container("eater").at("/lastState/terminated/exitCode").asInt())
                .isEqualTo(137);
        node.awaitWaiting("ends", "CrashLoopBackOff");
        node.awaitContainer("ends", c -> c.path("restartCount").asInt() == 2);
        node.awaitWaiting("ends", "CrashLoopBackOff");
        assertThat(node.container("ends").at("/state/waiting/message").asText())
                .startsWith("back-off 20s restarting failed container=app pod=ends_default(ends)");
        assertThat(node.container("ends").at("/lastState/terminated/exitCode").asInt())
                .isEqualTo(4);
    }
}
