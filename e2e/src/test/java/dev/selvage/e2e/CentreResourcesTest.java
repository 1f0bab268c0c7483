package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, "Resources": a centre whose database has a small disk of its own, and which runs out of disk and of open files. */
class CentreResourcesTest {
    private static final Duration LIMIT = Eventually.LIMIT;

    @TempDir
    static Path directory;

    private static Selvage selvage;
    private static LoopDisk disk;
    private static Map<String, Long> pods;

    @BeforeAll
    static void up() throws IOException {
        selvage = new Selvage(directory.resolve("home"));
        disk = LoopDisk.mount(directory.resolve("centre.img"), selvage.home().resolve("centre/postgres"), 384);
        selvage.up();
        Eventually.within(
                LIMIT,
                "pods run",
                () -> !podPids().isEmpty() && podPids().values().stream().allMatch(pid -> pid > 0));
        pods = podPids();
    }

    @AfterAll
    static void down() {
        selvage.close();
        disk.close();
    }

    @Test
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
                .run(LIMIT)
                .succeeded();
        List<Socket> flood = new ArrayList<>();
        try {
            for (int i = 0; i < 360; i++) {
                flood.add(new Socket(InetAddress.getLoopbackAddress(), selvage.hubPort()));
            }
            assertThat(selvage.kubectl("get", "nodes").succeeded().output()).contains("Ready");
            Eventually.within(
                    LIMIT,
                    "the hub to have met its limit",
                    () -> centreLog().contains("350 connections are the limit"));
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
        }
        assertThat(centreLog()).doesNotContain("Too many open files");
        Eventually.within(
                LIMIT,
                "the node is linked",
                () -> selvage.node("/status").path("linked").asBoolean());
    }

    @Test
    void aCentreWhoseDiskIsFullServesReadsRefusesWritesForNowAndGoesOnByItself() throws IOException {
        long centre = selvage.pid("centre");
        disk.fill();
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
        disk.free();
        Eventually.within(
                LIMIT,
                "writes go on",
                () -> selvage.kubectl("create", "configmap", "after-" + System.nanoTime())
                                .exit()
                        == 0);
        assertThat(selvage.pid("centre")).isEqualTo(centre);
    }

    private static String centreLog() {
        try {
            return Files.readString(selvage.home().resolve("logs/centre.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Long> podPids() {
        Map<String, Long> pids = new TreeMap<>();
        for (JsonNode pod : selvage.node("/status").path("pods")) {
            pids.put(
                    Json.textAt(pod, "name"),
                    pod.path("containers").path(0).path("pid").asLong());
        }
        return pids;
    }
}
