package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.sim.net.Direction;
import dev.selvage.sim.net.Fault;
import dev.selvage.sim.net.FaultProxy;
import dev.selvage.sim.net.Framing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Issue 3, Faults, 6: "a proxy that stalls, resets, corrupts or delays at each message boundary", here between a real agent and a real centre. The session is broken at
 * its first TLS record in every way, then at its second, and so on, each way. A session that goes half-open is told by the silence of ten heartbeats, which are of two seconds
 * here; the walk in which that happens at any record is the hub's FaultWalkTest, whose heartbeats are shorter still.
 */
class BrokenLinkTest {
    private static final Duration LIMIT = Eventually.LIMIT;
    /** Handshake, Hello, Stored, Reports, LaneBatch; handshake, Welcome, SliceUpdate, ReportsStored, LaneStored. */
    private static final int RECORDS = 8;

    private static final List<Fault> FAULTS =
            List.of(new Fault.Reset(), new Fault.Cut(20), new Fault.Corrupt(), new Fault.Stall(Duration.ofMillis(300)));
    private static final List<String> NAMES = List.of("each-second", "each-second-alarm");

    private static final String STREAMS = """
            apiVersion: selvage.dev/v1alpha1
            kind: Stream
            metadata: {name: each-second, namespace: first-light}
            spec:
              sql: SELECT device, window_start, window_end, AVG(temperature) AS t
                FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY device, window_start, window_end
              sink: {uplink: {lane: live}}
            ---
            apiVersion: selvage.dev/v1alpha1
            kind: Stream
            metadata: {name: each-second-alarm, namespace: first-light}
            spec:
              sql: SELECT device, window_start, window_end, AVG(temperature) AS t
                FROM TABLE(TUMBLE(TABLE `cold-room`, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY device, window_start, window_end
              sink: {uplink: {lane: alarm}}
            """;

    @TempDir
    static Path directory;

    private static Selvage selvage;
    private static FaultProxy proxy;

    @BeforeAll
    static void aNodeBehindTheProxy() throws IOException {
        selvage = new Selvage(directory.resolve("home"))
                .centreOptions("heartbeat=2s\n")
                .up();
        proxy = FaultProxy.start(
                0, new InetSocketAddress(InetAddress.getLoopbackAddress(), selvage.hubPort()), Framing.TLS);
        selvage.selvage("stop", "agent").succeeded();
        Path settings = selvage.home().resolve("node/agent.properties");
        Files.writeString(
                settings,
                Files.readString(settings).replaceAll("(?m)^hubs=.*$", "hubs=127.0.0.1:" + proxy.port())
                        + "\nlink-max-backoff=1s\n");
        selvage.selvage("start", "agent").succeeded();
        selvage.kubectlWithInput(STREAMS, "apply", "-f", "-").succeeded();
        Eventually.within(
                LIMIT,
                "the streams to tell",
                () -> NAMES.stream().allMatch(stream -> !ends(stream).isEmpty()));
    }

    @AfterAll
    static void down() throws IOException {
        proxy.close();
        selvage.close();
    }

    @Test
    void howeverTheLinkBreaksTheNodeLinksAgainNoPodRestartsAndEachWindowIsThereOnce() {
        Map<String, Long> pods = pids();
        assertThat(pods).isNotEmpty().allSatisfy((name, pid) -> assertThat(pid).isPositive());
        Instant begun = Instant.now();
        int broken = 0;
        for (Direction direction : Direction.values()) {
            for (int record = 0; record < RECORDS; record++) {
                breakAt(direction, record, FAULTS);
                broken += FAULTS.size();
                assertThat(pids()).as("%s, record %d", direction, record).isEqualTo(pods);
            }
            // The connect timeout ends it: ten seconds.
            breakAt(direction, 0, List.of(new Fault.HalfOpen()));
        }
        // Silence ends it: the handshake is over.
        breakAt(Direction.UP, RECORDS - 1, List.of(new Fault.HalfOpen()));
        assertThat(proxy.accepted()).as("connections").isGreaterThan(broken * 3 / 4);
        Duration took = Duration.between(begun, Instant.now());
        selvage.selvage("stop", "plant").succeeded(); // from here on the lanes stand still but for the node's samples
        NAMES.forEach(stream -> eachWindowIsThereOnce(stream, took));
        nothingIsLostOrDoubled();
        theSliceGoesOn();
        assertThat(pids()).containsAllEntriesOf(pods);
        nothingWasRestarted();
    }

    /** One fault for each of the connections that come now, then none: the node is linked again. */
    private static void breakAt(Direction direction, int record, List<Fault> faults) {
        faults.forEach(fault -> proxy.plan(direction, record, fault));
        proxy.now(new Fault.Reset());
        String where = direction + ", record " + record;
        Eventually.within(LIMIT, where + ": every fault to befall a connection", () -> proxy.pending() == 0);
        Instant befell = Instant.now();
        Eventually.within(LIMIT, where + ": the node to be linked", () -> {
            ObjectNode status = selvage.node("/status");
            // What befell last may end the session in a moment still, all but a stall.
            return status.path("linked").asBoolean()
                    && (faults.getLast() instanceof Fault.Stall
                            || Instant.parse(Json.textAt(status, "link", "since"))
                                    .isAfter(befell));
        });
    }

    /** Each row that the node has made since the stream began is in telemetry, as a window of its own. */
    private static void eachWindowIsThereOnce(String stream, Duration broken) {
        Eventually.within(
                LIMIT, stream + ": each row of the node", () -> ends(stream).size() >= rows(stream));
        assertThat(ends(stream)).as(stream).doesNotHaveDuplicates().hasSize(rows(stream));
        assertThat(rows(stream)).as("rows of %s, one each second", stream).isGreaterThan((int) broken.toSeconds() / 2);
    }

    private static int rows(String stream) {
        for (JsonNode each : selvage.node("/status").path("streams")) {
            if (Json.textAt(each, "name").equals(stream)) {
                return each.path("rows").asInt();
            }
        }
        throw new AssertionError("no stream " + stream);
    }

    /** Ends of the windows that telemetry has. */
    private static List<Instant> ends(String stream) {
        List<Instant> ends = new ArrayList<>();
        JsonNode answer = selvage.telemetry("/namespaces/first-light/range?source=stream/" + stream
                + "&field=t&from=0&to=" + (System.currentTimeMillis() + 60_000));
        assertThat(answer.path("truncated").asBoolean()).isFalse();
        for (JsonNode point : answer.path("points")) {
            ends.add(Instant.parse(Json.textAt(point, "end")));
        }
        return ends;
    }

    /** By count: what the centre has stored is what the node has been told is stored. */
    private static void nothingIsLostOrDoubled() {
        Eventually.within(LIMIT, "each record of the lanes to be stored once", () -> {
            long acknowledged = 0;
            for (JsonNode lane : selvage.node("/lanes")) {
                assertThat(lane.path("dropped")).as("%s", lane).isEmpty();
                acknowledged += lane.path("acknowledged").asLong();
            }
            Figures figures = Figures.of(selvage);
            assertThat(figures.value("selvage_telemetry_missing_total")).isZero();
            return figures.value("selvage_telemetry_records_total") == acknowledged;
        });
    }

    private static void theSliceGoesOn() {
        selvage.kubectlWithInput(new ShellPod("after", ShellPod.FOREVER).manifest(), "apply", "-f", "-")
                .succeeded();
        selvage.kubectl("wait", "--for=condition=Ready", "pod/after", "--timeout=5m")
                .succeeded();
    }

    private static void nothingWasRestarted() {
        for (JsonNode pod : selvage.get("pods", "-A").path("items")) {
            for (JsonNode container : Json.at(pod, "status", "containerStatuses")) {
                assertThat(container.path("restartCount").asInt(-1)).isZero();
            }
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
}
