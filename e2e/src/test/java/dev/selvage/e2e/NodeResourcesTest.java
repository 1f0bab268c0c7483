package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, "Resources": a node with a small disk of its own, which runs out of one thing after the other. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodeResourcesTest {
    private static final Duration LIMIT = Eventually.LIMIT;

    private static final String STREAMS = """
            apiVersion: selvage.dev/v1alpha1
            kind: Stream
            metadata: {name: every-reading, namespace: first-light}
            spec:
              sql: SELECT device, temperature, outdoor, energy FROM `cold-room`
              sink: {uplink: {lane: live}}
            ---
            apiVersion: selvage.dev/v1alpha1
            kind: Stream
            metadata: {name: door-open, namespace: first-light}
            spec:
              sql: SELECT device, temperature FROM `cold-room` WHERE door
              sink: {uplink: {lane: alarm}}
            """;

    @TempDir
    static Path directory;

    private static Selvage selvage;
    private static LoopDisk nodeDisk;
    private static Map<String, Long> pods;

    @BeforeAll
    static void up() throws IOException {
        selvage = new Selvage(directory.resolve("home"));
        nodeDisk = LoopDisk.mount(directory.resolve("node.img"), selvage.home().resolve("node"), 64);
        selvage.up();
        selvage.kubectlWithInput(STREAMS, "apply", "-f", "-").succeeded();
        Eventually.within(
                LIMIT,
                "pods run and telemetry flows",
                () -> podPids().values().stream().allMatch(pid -> pid > 0)
                        && lane("live").path("acknowledged").asLong() > 20);
        pods = podPids();
    }

    @AfterAll
    static void down() {
        selvage.close();
        nodeDisk.close();
    }

    @Test
    @Order(1)
    void aFullDiskCostsTelemetryThatIsCountedAndNothingElse() throws IOException {
        nodeDisk.fill();
        Eventually.within(LIMIT, "telemetry is dropped and counted", () -> dropped("live") > 0);
        Eventually.within(
                LIMIT,
                "the node says so",
                () -> condition("DiskPressure").equals("True")
                        && selvage.node("/health")
                                .path("parts")
                                .path("disk")
                                .toString()
                                .contains("No space left on device"));
        assertThat(selvage.selvage("node", "status").output()).contains("disk does not work", "No space left");

        selvage.kubectlWithInput(new ShellPod("late", ShellPod.FOREVER).manifest(), "apply", "-f", "-")
                .succeeded();
        Eventually.within(LIMIT, "the slice takes its reserve", () -> podPids().containsKey("late"));
        nodeDisk.fill();
        selvage.kill9("agent");
        selvage.selvage("start", "agent").succeeded();
        Eventually.within(
                LIMIT,
                "the pods are found again on the full disk",
                () -> podPids().entrySet().containsAll(pods.entrySet()));
        theLoopGoesOn();

        long opened = System.currentTimeMillis();
        selvage.actOnPlant("/door/open");
        Eventually.within(
                LIMIT,
                "the alarm is taken, or waits for the disk",
                () -> lane("alarm").path("nextSequence").asLong() > 1
                        || stream("door-open").contains("kept in memory"));
        selvage.actOnPlant("/door/close");
        nodeDisk.free();
        Eventually.within(
                LIMIT,
                "the alarm is at the centre",
                () -> selvage.telemetry("/namespaces/first-light/range?source=stream/door-open&field=temperature&from="
                                + opened + "&to=" + System.currentTimeMillis())
                        .toString()
                        .contains("room-1"));
        recovered();
    }

    /** The files that are open are hit as well, which {@code mount -o remount,ro} would refuse while an agent writes. */
    @Test
    @Order(2)
    void whatCannotBeWrittenForAWhileIsSaidAndGoesOnByItself() throws IOException {
        long before = dropped("live");
        nodeDisk.readOnly(true);
        try {
            Eventually.within(LIMIT, "telemetry is dropped and counted", () -> dropped("live") > before);
            Eventually.within(
                    LIMIT,
                    "the node says so",
                    () -> selvage.node("/health")
                            .path("parts")
                            .path("disk")
                            .toString()
                            .contains("Operation not permitted"));
            theLoopGoesOn();
            assertThat(podPids().entrySet()).containsAll(pods.entrySet());
        } finally {
            nodeDisk.readOnly(false);
        }
        recovered();
    }

    @Test
    @Order(3)
    void withoutOpenFilesTheAgentSaysSoAndKeepsItsPodsAndItsLink() throws Exception {
        long agent = selvage.pid("agent");
        int limit = openFiles(agent) + 6;
        prlimit(agent, limit);
        List<Socket> flood = new ArrayList<>();
        try {
            // More than the agent has left, and fewer than wait to be accepted: one more would not connect.
            for (int i = 0; i < 20; i++) {
                flood.add(new Socket(InetAddress.getLoopbackAddress(), selvage.nodePort()));
            }
            Eventually.within(
                    LIMIT,
                    "the node says so at the centre",
                    () -> message("PartsWorking").contains("open files"));
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
            prlimit(agent, 4096);
        }
        assertThat(selvage.pid("agent")).isEqualTo(agent);
        recovered();
        theLoopGoesOn();
    }

    /** One pod wants an environment of 38 megabytes, which the agent would have to compose: its heap has no more than that in all. The disk has room for it. */
    @Test
    @Order(4)
    void aBurstThatTheAgentsMemoryDoesNotHoldIsNamedAndGoesByAndThePodsAndTheLoopGoOn() throws IOException {
        long agent = selvage.pid("agent");
        Path burst = Files.writeString(directory.resolve("burst.json"), burst());
        selvage.kubectl("create", "-f", burst.toString()).succeeded();
        Eventually.within(
                LIMIT,
                "the centre hears what the pod lacks",
                () -> selvage.kubectl("get", "events").output().contains("OutOfMemoryError: Java heap space"));
        theLoopGoesOn();
        assertThat(podPids().entrySet()).containsAll(pods.entrySet());
        selvage.kubectl("delete", "-f", burst.toString(), "--wait=false").succeeded();
        Eventually.within(LIMIT, "the pod is gone", () -> !podPids().containsKey("burst"));
        recovered();
        theLoopGoesOn();
        assertThat(selvage.pid("agent")).isEqualTo(agent);
        assertThat(ProcessHandle.of(agent)).isPresent();
    }

    private static String burst() {
        StringBuilder items = new StringBuilder();
        StringBuilder from = new StringBuilder();
        for (int i = 0; i < 38; i++) {
            items.append("""
                    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "burst-%1$d", "namespace": "default"},
                     "data": {"TEXT_%1$d": "%2$s"}},
                    """.formatted(i, "x".repeat(1_000_000)));
            from.append(i == 0 ? "" : ", ").append("{\"configMapRef\": {\"name\": \"burst-%d\"}}".formatted(i));
        }
        String pod = new ShellPod("burst", ShellPod.FOREVER)
                .container("\"envFrom\": [" + from + "]")
                .manifest();
        return "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [" + items + pod + "]}";
    }

    /** Last, for no disk comes back from it without being mounted anew. */
    @Test
    @Order(5)
    void aFileSystemThatBecomesReadOnlyIsNamedAndThePodsAndTheLoopGoOn() {
        nodeDisk.breakDown();
        Eventually.within(
                LIMIT,
                "the node says so",
                () -> selvage.node("/health")
                        .path("parts")
                        .path("disk")
                        .toString()
                        .contains("Read-only file system"));
        theLoopGoesOn();
        assertThat(podPids().entrySet()).containsAll(pods.entrySet());
        Map<String, Long> running = podPids();
        selvage.kill9("agent");
        Command.Result again =
                LoneAgent.run("run", "--home", selvage.home().resolve("node").toString());
        assertThat(again.failed().output()).contains("Read-only file system");
        pods.values().forEach(pid -> assertThat(ProcessHandle.of(pid)).isPresent());
        // No agent is left that could end them, and they hold the file system.
        running.values().forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }

    private static void recovered() {
        Eventually.within(LIMIT, "every part works again", () -> {
            for (JsonNode part : selvage.node("/health").path("parts")) {
                if (!part.path("working").asBoolean()) {
                    return false;
                }
            }
            return true;
        });
        long seen = lane("live").path("acknowledged").asLong();
        Eventually.within(
                LIMIT,
                "telemetry flows",
                () -> lane("live").path("acknowledged").asLong() > seen);
        assertThat(podPids().entrySet()).containsAll(pods.entrySet());
    }

    /** Readings become decisions: the stream that cools the room is fed. */
    private static void theLoopGoesOn() {
        long seen = readings();
        Eventually.within(LIMIT, "the control loop reads on", () -> readings() > seen + 5);
    }

    private static long readings() {
        for (JsonNode stream : selvage.node("/status").path("streams")) {
            if (Json.textAt(stream, "name").equals("keep-cold")) {
                return stream.path("readings").asLong();
            }
        }
        return 0;
    }

    private static String stream(String name) {
        for (JsonNode stream : selvage.node("/status").path("streams")) {
            if (Json.textAt(stream, "name").equals(name)) {
                return stream.toString();
            }
        }
        return "";
    }

    private static JsonNode lane(String name) {
        return selvage.node("/lanes").path(name);
    }

    private static long dropped(String lane) {
        return lane(lane).path("dropped").path("disk").asLong();
    }

    private static String condition(String type) {
        return node(type).path("status").asText();
    }

    private static String message(String type) {
        return node(type).path("message").asText();
    }

    private static JsonNode node(String type) {
        for (JsonNode node : selvage.get("nodes").path("items")) {
            for (JsonNode condition : Json.at(node, "status", "conditions")) {
                if (Json.textAt(condition, "type").equals(type)) {
                    return condition;
                }
            }
        }
        return Json.object();
    }

    private static Map<String, Long> podPids() {
        ObjectNode status = selvage.node("/status");
        Map<String, Long> pids = new TreeMap<>();
        for (JsonNode pod : status.path("pods")) {
            pids.put(
                    Json.textAt(pod, "name"),
                    pod.path("containers").path(0).path("pid").asLong());
        }
        return pids;
    }

    private static int openFiles(long pid) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path entry : entries) {
                count += entry.getNameCount() > 0 ? 1 : 0;
            }
        }
        return count;
    }

    private static void prlimit(long pid, int files) {
        new Command(List.of("prlimit", "--pid", Long.toString(pid), "--nofile=" + files + ":4096"))
                .run(LIMIT)
                .succeeded();
    }
}
