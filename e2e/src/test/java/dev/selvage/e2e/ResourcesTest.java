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

/** Issue 3, "Resources": one installation whose node and whose database have small disks of their own, and which runs out of one thing after the other. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ResourcesTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);

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
    private static LoopDisk centreDisk;
    private static Map<String, Long> pods;

    @BeforeAll
    static void up() throws IOException {
        selvage = new Selvage(directory.resolve("home"));
        nodeDisk = LoopDisk.mount(directory.resolve("node.img"), selvage.home().resolve("node"), 64);
        centreDisk =
                LoopDisk.mount(directory.resolve("centre.img"), selvage.home().resolve("centre/postgres"), 384);
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
        centreDisk.close();
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
            for (int i = 0; i < 60; i++) {
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

    @Test
    @Order(4)
    void aCentreWithFewOpenFilesRefusesNodesBeyondItsLimitNamesItAndServesItsUsers() throws Exception {
        selvage.selvage("stop", "centre").succeeded();
        new Command(List.of(
                        "prlimit",
                        "--nofile=700:700",
                        Selvage.root().resolve("selvage").toString(),
                        "start",
                        "centre",
                        "--home",
                        selvage.home().toString()))
                .run(Duration.ofMinutes(2))
                .succeeded();
        List<Socket> flood = new ArrayList<>();
        try {
            for (int i = 0; i < 360; i++) {
                flood.add(new Socket(InetAddress.getLoopbackAddress(), selvage.hubPort()));
            }
            assertThat(selvage.kubectl("get", "nodes").succeeded().output()).contains("Ready");
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
        }
        assertThat(Files.readString(selvage.home().resolve("logs/centre.log")))
                .contains("350 connections are the limit")
                .doesNotContain("Too many open files");
        Eventually.within(
                LIMIT,
                "the node is linked",
                () -> selvage.node("/status").path("linked").asBoolean());
    }

    @Test
    @Order(5)
    void aCentreWhoseDiskIsFullServesReadsRefusesWritesForNowAndGoesOnByItself() throws IOException {
        long centre = selvage.pid("centre");
        centreDisk.fill();
        String large = "x".repeat(200_000);
        String[] refused = {""};
        Eventually.within(LIMIT, "a write is refused", () -> {
            String name = "large-" + System.nanoTime();
            Command.Result result = selvage.kubectlWithInput(
                    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" + name
                            + "\",\"namespace\":\"default\"},\"data\":{\"text\":\"" + large + "\"}}",
                    "create",
                    "-f",
                    "-");
            refused[0] = result.output();
            return result.exit() != 0;
        });
        assertThat(refused[0]).contains("the store is unavailable").doesNotContain("InternalError");
        assertThat(selvage.kubectl("get", "nodes").succeeded().output()).contains("Ready");
        assertThat(podPids().entrySet()).containsAll(pods.entrySet());
        centreDisk.free();
        Eventually.within(
                LIMIT,
                "writes go on",
                () -> selvage.kubectl("create", "configmap", "after-" + System.nanoTime())
                                .exit()
                        == 0);
        assertThat(selvage.pid("centre")).isEqualTo(centre);
    }

    /** Last, for no disk comes back from it without being mounted anew. */
    @Test
    @Order(6)
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
        selvage.kill9("agent");
        Command.Result again =
                LoneAgent.run("run", "--home", selvage.home().resolve("node").toString());
        assertThat(again.failed().output()).contains("Read-only file system");
        pods.values().forEach(pid -> assertThat(ProcessHandle.of(pid)).isPresent());
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
                .run(Duration.ofSeconds(20))
                .succeeded();
    }
}
