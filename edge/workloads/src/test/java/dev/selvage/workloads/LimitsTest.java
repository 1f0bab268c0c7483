package dev.selvage.workloads;

import static dev.selvage.workloads.TestNode.app;
import static dev.selvage.workloads.TestNode.pod;
import static dev.selvage.workloads.TestNode.shell;
import static dev.selvage.workloads.TestNode.spec;
import static dev.selvage.workloads.TestNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits hold with the real cgroups of this machine (these tests need root, as the product's limits do). */
class LimitsTest {
    @TempDir
    Path home;

    private TestNode node;

    @BeforeEach
    void open() {
        node = new TestNode(home, config -> config, new ProcessConfig(home.resolve("process"), 40, 1 << 20));
        assertThat(node.runtime.features().limitsNotEnforced()).isEmpty();
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void aContainerBeyondItsMemoryLimitIsOomKilled() {
        ObjectNode pod = pod("lim-1", "sh", "-c", "x=$(head -c 200000000 /dev/zero | tr '\\0' a); echo ${#x}");
        spec(pod).put("restartPolicy", "Never");
        with(app(pod), "{\"resources\": {\"limits\": {\"memory\": \"32Mi\"}}}");
        node.run(pod);
        node.awaitPhase("lim-1", "Failed");
        assertThat(node.container("lim-1", 0).at("/state/terminated/reason").asText())
                .isEqualTo("OOMKilled");
        assertThat(node.container("lim-1", 0).at("/state/terminated/exitCode").asInt())
                .isEqualTo(137);
    }

    @Test
    void limitsAndRequestsStandInTheCgroup() throws Exception {
        ObjectNode pod = shell("lim-2", "exec sleep 1000");
        with(app(pod), """
                {"resources": {"limits": {"cpu": "250m", "memory": "64Mi"}, "requests": {"cpu": "100m", "memory": "32Mi"}}}
                """);
        node.run(pod);
        node.awaitReady("lim-2");
        assertThat(node.status("lim-2").path("qosClass").asText()).isEqualTo("Burstable");
        assertThat(controlFile("cpu", "lim-2/app.0/cpu.cfs_quota_us", "lim-2/app.0/cpu.max"))
                .startsWith("25000");
        assertThat(controlFile("cpu", "lim-2/app.0/cpu.shares", "lim-2/app.0/cpu.weight"))
                .isIn("102", "4");
        assertThat(controlFile("memory", "lim-2/app.0/memory.limit_in_bytes", "lim-2/app.0/memory.max"))
                .isEqualTo(Long.toString(64 << 20));
        assertThat(controlFile("pids", "lim-2/pids.max", "lim-2/pids.max")).isEqualTo("40");
        long pid = node.snapshot("lim-2").pid();
        assertThat(controlFile("memory", "lim-2/app.0/cgroup.procs", "lim-2/app.0/cgroup.procs")
                        .lines())
                .contains(Long.toString(pid));
    }

    @Test
    void aForkBombIsContainedAndItsNeighbourDoesNotNotice() throws Exception {
        ObjectNode bomb = shell("lim-3", "bomb() { bomb | bomb & }; echo lit; bomb; sleep 1000");
        with(app(bomb), "{\"resources\": {\"limits\": {\"cpu\": \"200m\", \"memory\": \"64Mi\"}}}");
        node.run(bomb);
        TestNode.await(
                "the limit of 40 is hit",
                () -> quiet(
                        () -> Integer.parseInt(controlFile("pids", "lim-3/pids.current", "lim-3/pids.current")) >= 30),
                () -> node.status("lim-3"));
        node.run(shell("lim-4", "echo fine; exec sleep 1000"));
        node.awaitLog("lim-4", "fine");
        assertThat(Integer.parseInt(controlFile("pids", "lim-3/pids.current", "lim-3/pids.current")))
                .isLessThanOrEqualTo(40);
        node.drop("lim-3");
        node.awaitGone("lim-3");
    }

    @Test
    void aFloodOfOutputIsBoundedAndItsEndCanBeRead() throws Exception {
        ObjectNode flood = shell(
                "lim-5", "i=0; while :; do i=$((i + 1)); echo line-$i-0123456789012345678901234567890123456789; done");
        with(app(flood), "{\"resources\": {\"limits\": {\"cpu\": \"500m\"}}}");
        node.run(flood);
        Path log = home.resolve("process/runs/lim-5/app/0/log");
        TestNode.await(
                "8 MiB written",
                () -> quiet(() -> Files.exists(log) && Files.size(log) > 8 << 20),
                () -> node.status("lim-5"));
        TestNode.await("trimmed", () -> quiet(() -> onDisk(log) < 3 << 20), () -> quietText(log));
        String text = node.logs("lim-5");
        assertThat(text.length()).isBetween(100_000, 2 << 20);
        assertThat(text.substring(0, 100)).startsWith("line-");
        assertThat(text.indexOf(0)).isEqualTo(-1);
        String[] lines = text.split("\n");
        long last = number(lines[lines.length - 2]);
        assertThat(IntStream.range(2, 1000).allMatch(i -> number(lines[lines.length - i]) == last + 2 - i))
                .isTrue();
    }

    @Test
    void anEmptyDirBeyondItsSizeLimitEvictsThePod() {
        ObjectNode pod = shell("lim-6", "head -c 2000000 /dev/zero >/data/big; exec sleep 1000");
        with(spec(pod), "{\"volumes\": [{\"name\": \"data\", \"emptyDir\": {\"sizeLimit\": \"1Mi\"}}]}");
        with(app(pod), "{\"volumeMounts\": [{\"name\": \"data\", \"mountPath\": \"/data\"}]}");
        node.run(pod);
        node.awaitPhase("lim-6", "Failed");
        assertThat(node.status("lim-6").path("reason").asText()).isEqualTo("Evicted");
        assertThat(node.status("lim-6").path("message").asText())
                .isEqualTo("Usage of EmptyDir volume \"data\" exceeds the limit \"1Mi\". ");
    }

    private static long number(String line) {
        return Long.parseLong(line.split("-")[1]);
    }

    private interface Check {
        boolean holds() throws Exception;
    }

    private static boolean quiet(Check check) {
        try {
            return check.holds();
        } catch (Exception e) {
            return false;
        }
    }

    private static String quietText(Path log) {
        try {
            return Long.toString(onDisk(log));
        } catch (Exception e) {
            return e.toString();
        }
    }

    private static long onDisk(Path file) throws Exception {
        Process du = new ProcessBuilder("du", "-k", file.toString()).start();
        return Long.parseLong(new String(du.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                        .split("\\s")[0])
                * 1024;
    }

    /** Content of a control file, whichever version of cgroups has the controller here. */
    private String controlFile(String controller, String version1, String version2) throws IOException {
        String instance = OwnFiles.instance(home.resolve("process"));
        Path old = Path.of("/sys/fs/cgroup", controller, "selvage", instance, version1);
        Path now = Path.of("/sys/fs/cgroup/selvage", instance, version2);
        return Files.readString(Files.exists(old) ? old : now).strip();
    }
}
