package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.sim.net.FaultProxy;
import dev.selvage.sim.net.Framing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, fault 5: the desired state changes while the node cannot hear of it. */
@org.jspecify.annotations.NullUnmarked // what a test looks up is there, or the test fails
class OfflineTest {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final String NAMESPACE = "offline";
    /** Modbus units of the plant; 1 is the example's. */
    private static final int KEPT = 2;

    private static final int FASTER = 3;
    private static final int REMOVED = 4;
    private static final int ADDED = 5;
    private static final int LATE = 6;
    private static final int STALE = 7;

    @TempDir
    static Path directory;

    private static Selvage selvage;
    private static int proxyPort;
    private static FaultProxy link;

    @BeforeAll
    static void aNodeBehindALinkThatCanBeCut() throws IOException {
        selvage = new Selvage(directory.resolve("home")).up("--rooms", Integer.toString(STALE));
        connect(0);
        proxyPort = link.port();
        selvage.selvage("stop", "agent").succeeded();
        Path settings = selvage.home().resolve("node/agent.properties");
        Files.writeString(
                settings, Files.readString(settings).replaceAll("(?m)^hubs=.*$", "hubs=127.0.0.1:" + proxyPort));
        selvage.selvage("start", "agent").succeeded();
        declare();
    }

    @AfterAll
    static void down() throws IOException {
        link.close();
        selvage.close();
    }

    private static void connect(int port) throws IOException {
        link = FaultProxy.start(
                port, new InetSocketAddress(InetAddress.getLoopbackAddress(), selvage.hubPort()), Framing.BYTES);
    }

    private static void declare() {
        apply("""
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "offline"}}""");
        apply("""
                {"apiVersion": "selvage.dev/v1alpha1", "kind": "DeviceModel", "metadata": {"name": "offline-room"},
                 "spec": {"properties": [{"name": "temperature", "type": "number"},
                   {"name": "setpoint", "type": "integer", "access": "readWrite"}]}}""");
        for (int unit : List.of(KEPT, FASTER, REMOVED, LATE)) {
            apply(device(unit, "5s", ""));
        }
        apply(device(STALE, "500ms", ", \"failSafe\": {\"value\": 7, \"after\": \"4s\"}"));
        for (String name : List.of("kept", "changed", "removed")) {
            apply(stream(name, 2));
        }
        apply(configMap("before"));
        for (String name : List.of("kept", "deleted", "forced")) {
            apply(pod(name));
        }
        kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=5m");
        Eventually.within(
                LIMIT,
                "devices and streams",
                () -> devices().size() == 5 && streams().size() == 3);
        Eventually.within(LIMIT, "the example", () -> pids().size() == 4);
    }

    @Test
    void whatChangedWhileTheAgentWasAwayIsAppliedWhenItReturnsAndNothingElseIsTouched() {
        Map<String, Long> before = pids();
        selvage.kill9("agent");
        kubectl("delete", "pod", "deleted", "--wait=false");
        kubectl("delete", "pod", "forced", "--force", "--grace-period=0");
        kubectl("delete", "device", name(REMOVED));
        kubectl("delete", "stream", "removed");
        apply(pod("added"));
        apply(device(ADDED, "1s", ""));
        apply(device(FASTER, "200ms", ""));
        apply(stream("added", 2));
        apply(stream("changed", 3));
        apply(configMap("after"));
        wish(KEPT, 33, Duration.ofMinutes(5));
        assertThat(ProcessHandle.of(before.get("forced")))
                .as("a forced delete does not reach the node")
                .isPresent();
        selvage.selvage("start", "agent").succeeded();
        theChangesAreApplied(before);
        nothingElseWasTouched(before);
    }

    @Test
    void whatTheCentreSaysNoMoreDuringACutFallsToItsFailSafeAndALateWishIsNotCarriedOut() {
        wish(STALE, 50, Duration.ofMinutes(5));
        awaitWritten(STALE, value -> value == 50);
        long told = times(STALE, 50).getFirst();
        apply(pod("cut-off"));
        kubectl("wait", "--for=condition=Ready", "pod/cut-off", "--timeout=5m");
        Map<String, Long> before = pids();
        cut();
        Eventually.within(LIMIT, "the link to be torn", () -> !linked());
        kubectl("delete", "pod", "cut-off", "--force", "--grace-period=0");
        wish(LATE, 111, Duration.ofSeconds(3));
        Instant expires = Instant.now().plusSeconds(4);
        Eventually.within(LIMIT, "the fail-safe", () -> times(STALE, 7).stream().anyMatch(at -> at > told + 4_000));
        assertThat(times(STALE, 7)).as("fail-safe before its time").noneMatch(at -> at > told && at < told + 4_000);
        assertThat(pids()).as("pods during the cut").isEqualTo(before);
        Eventually.within(LIMIT, "the wish's end", () -> Instant.now().isAfter(expires));
        mend();
        Eventually.within(LIMIT, "the link to be mended", OfflineTest::linked);
        Eventually.within(
                LIMIT,
                "the tombstone to be obeyed",
                () -> ProcessHandle.of(before.get("cut-off")).isEmpty());
        wish(LATE, 112, Duration.ofMinutes(5));
        awaitWritten(LATE, value -> value == 112);
        assertThat(times(LATE, 111)).as("writes of a wish that was over").isEmpty();
        assertThat(times(STALE, 50))
                .as("writes of a wish that was carried out before")
                .hasSize(1);
        Eventually.within(LIMIT, "the event", () -> kubectl("get", "events").contains("FailSafeApplied"));
        before.remove("cut-off");
        assertThat(pids()).isEqualTo(before);
    }

    private static void theChangesAreApplied(Map<String, Long> before) {
        kubectl("wait", "--for=condition=Ready", "pod/added", "--timeout=5m");
        Eventually.within(
                LIMIT,
                "deleted pods to end",
                () -> ProcessHandle.of(before.get("forced")).isEmpty()
                        && ProcessHandle.of(before.get("deleted")).isEmpty());
        Eventually.within(
                LIMIT,
                "the deletion to be confirmed",
                () -> !kubectl("get", "pods").contains("deleted"));
        Eventually.within(
                LIMIT,
                "devices",
                () -> devices().equals(List.of(name(KEPT), name(FASTER), name(ADDED), name(LATE), name(STALE))));
        Eventually.within(LIMIT, "streams", () -> streams().equals(List.of("added", "changed", "kept")));
        Eventually.within(
                LIMIT,
                "the file",
                () -> kubectl("logs", "kept", "--tail=1").strip().equals("after"));
        Eventually.within(LIMIT, "the new interval", () -> polls(FASTER) > 20);
        Eventually.within(LIMIT, "the new plan", () -> window("changed") == 3_000 && window("kept") == 2_000);
        awaitWritten(KEPT, value -> value == 33);
    }

    private static void nothingElseWasTouched(Map<String, Long> before) {
        String page = before.keySet().stream()
                .filter(pod -> pod.startsWith("room-page-"))
                .findFirst()
                .orElseThrow();
        Eventually.within(
                LIMIT, "these pods and no others", () -> pids().keySet().equals(Set.of("kept", "added", page)));
        Map<String, Long> now = pids();
        for (String pod : List.of("kept", page)) {
            assertThat(now.get(pod)).as("process of %s", pod).isEqualTo(before.get(pod));
        }
        for (JsonNode pod : selvage.get("pods", "-A").path("items")) {
            assertThat(pod.at("/status/containerStatuses/0/restartCount").asInt(-1))
                    .as("restarts of %s", Json.textAt(pod, "metadata", "name"))
                    .isZero();
        }
        assertThat(selvage.get("noderequests").path("items"))
                .as("held deletions")
                .isEmpty();
    }

    private static void cut() {
        try {
            link.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void mend() {
        try {
            connect(proxyPort);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean linked() {
        return selvage.node("/status").path("linked").asBoolean();
    }

    private static void wish(int unit, int value, Duration valid) {
        String wish = "[{\"op\": \"add\", \"path\": \"/spec/properties/0/desired\", \"value\": {\"value\": " + value
                + ", \"validUntil\": \"" + Instant.now().plus(valid) + "\"}}]";
        kubectl("patch", "device", name(unit), "--type=json", "-p", wish);
    }

    private static void awaitWritten(int unit, LongPredicate value) {
        Eventually.within(
                LIMIT,
                "a write of " + name(unit),
                () -> writes(unit).stream()
                        .anyMatch(write -> value.test(write.path("value").asLong())));
    }

    /** When the plant was written that value. */
    private static List<Long> times(int unit, long value) {
        return writes(unit).stream()
                .filter(write -> write.path("value").asLong() == value)
                .map(write -> write.path("t").asLong())
                .toList();
    }

    private static List<ObjectNode> writes(int unit) {
        try (var lines = Files.lines(selvage.home().resolve("plant/plant.log"))) {
            return lines.filter(line -> line.contains("\"room\":" + unit + ",\"write\":\"setpoint\""))
                    .map(Json::parseObject)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Long> pids() {
        Map<String, Long> pids = new TreeMap<>();
        for (JsonNode pod : selvage.node("/status").path("pods")) {
            pids.put(
                    Json.textAt(pod, "name"),
                    pod.path("containers").path(0).path("pid").asLong());
        }
        return pids;
    }

    private static List<String> devices() {
        return names("devices");
    }

    private static List<String> streams() {
        return names("streams");
    }

    private static List<String> names(String part) {
        List<String> names = new ArrayList<>();
        for (JsonNode one : selvage.node("/status").path(part)) {
            if (Json.textAt(one, "namespace").equals(NAMESPACE)) {
                names.add(Json.textAt(one, "name"));
            }
        }
        return names.stream().sorted().toList();
    }

    private static int polls(int unit) {
        return selvage.node("/devices/" + NAMESPACE + "/" + name(unit))
                .path("polls")
                .asInt();
    }

    /** The size of the newest window of the kept device that came up. */
    private static long window(String stream) {
        long size = 0;
        for (JsonNode point : selvage.telemetry(
                        "/namespaces/" + NAMESPACE + "/latest?source=stream/" + stream + "&key=" + name(KEPT))
                .path("points")) {
            size = Duration.between(
                            Instant.parse(Json.textAt(point, "start")), Instant.parse(Json.textAt(point, "end")))
                    .toMillis();
        }
        return size;
    }

    private static String name(int unit) {
        return "unit-" + unit;
    }

    private static String device(int unit, String interval, String failSafe) {
        return """
                {"apiVersion": "selvage.dev/v1alpha1", "kind": "Device", "metadata": {"name": "%s", "namespace": "%s"},
                 "spec": {"model": "offline-room", "nodeName": "edge-1", "interval": "%s",
                  "modbusTcp": {"host": "127.0.0.1", "port": %d, "unit": %d, "timeout": "5s"},
                  "properties": [
                   {"name": "setpoint", "modbusTcp": {"table": "holding", "address": 0}, "authority": "centre"%s},
                   {"name": "temperature", "modbusTcp": {"table": "input", "address": 0, "type": "int16", "scale": 0.01}}]}}
                """.formatted(name(unit), NAMESPACE, interval, selvage.portBase() + 4, unit, failSafe);
    }

    private static String stream(String name, int seconds) {
        return """
                {"apiVersion": "selvage.dev/v1alpha1", "kind": "Stream", "metadata": {"name": "%s", "namespace": "%s"},
                 "spec": {"sink": {"uplink": {"lane": "live"}}, "sql": "SELECT device, window_start, window_end, \
                COUNT(temperature) AS n FROM TABLE(TUMBLE(TABLE `offline-room`, DESCRIPTOR(ts), INTERVAL '%d' SECOND)) \
                GROUP BY device, window_start, window_end"}}
                """.formatted(name, NAMESPACE, seconds);
    }

    private static String configMap(String word) {
        return """
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "words", "namespace": "%s"},
                 "data": {"word": "%s"}}""".formatted(NAMESPACE, word);
    }

    /** Says again and again what the file says. */
    private static String pod(String name) {
        return new ShellPod(name, "trap 'exit 0' TERM; while true; do cat /words/word; echo; sleep 0.5; done")
                .spec("\"volumes\": [{\"name\": \"words\", \"configMap\": {\"name\": \"words\"}}]")
                .container("\"volumeMounts\": [{\"name\": \"words\", \"mountPath\": \"/words\"}]")
                .manifest(NAMESPACE);
    }

    private static void apply(String manifest) {
        selvage.kubectlWithInput(manifest, "apply", "-f", "-").succeeded();
    }

    private static String kubectl(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("-n", NAMESPACE));
        return selvage.kubectl(line.toArray(String[]::new)).succeeded().output();
    }
}
