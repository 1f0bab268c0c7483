package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.lanes.Batch;
import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Lanes;
import dev.selvage.lanes.LanesConfig;
import dev.selvage.link.Sample;
import dev.selvage.model.Conditions;
import dev.selvage.model.Json;
import dev.selvage.streams.Row;
import dev.selvage.streams.WindowName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 2, "Facts and metrics of the node": read from proc(5) and sysfs, sent as status and as samples. */
class NodeSelfTest {
    @TempDir
    Path root;

    @Test
    void ratesCoverTheTimeSinceTheMeasurementBefore() throws IOException {
        write("proc/stat", "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 2 3\ncpu1 1 2 3\n");
        write(
                "proc/net/dev",
                "Inter-| Receive\n face |bytes\n    lo: 9 9 9 9 9 9 9 9 9 9\n  eth0: 1000 1 0 0 0 0 0 0 500 1 0\n");
        write("proc/meminfo", "MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:  250 kB\n");
        write("proc/loadavg", "0.25 0.1 0.1 1/100 1\n");
        write("sys/class/thermal/thermal_zone0/temp", "41500\n");
        write("sys/class/thermal/thermal_zone1/temp", "-274000\n");
        NodeMetrics metrics = new NodeMetrics(new SystemFiles(root), root);
        Map<String, Double> first = metrics.measure(1_000);
        write("proc/stat", "cpu  150 0 150 900 0 0 0 0 0 0\n");
        write("proc/net/dev", "  eth0: 3000 1 0 0 0 0 0 0 1500 1 0\n");
        Map<String, Double> second = metrics.measure(3_000);
        assertThat(first).doesNotContainKeys("cpu_percent", "network_receive_bytes_per_second");
        assertThat(first).containsEntry("memory_percent", 75.0).containsEntry("temperature_celsius", 41.5);
        assertThat(first).containsEntry("load1", 0.25);
        assertThat(second).containsEntry("cpu_percent", 50.0);
        assertThat(second).containsEntry("network_receive_bytes_per_second", 1000.0);
        assertThat(second).containsEntry("network_transmit_bytes_per_second", 500.0);
    }

    @Test
    void aMachineWithoutSuchFilesIsMeasuredAsFarAsItGoes() {
        Map<String, Double> values = new NodeMetrics(new SystemFiles(root), root).measure(1_000);
        assertThat(values).containsKey("disk_percent").doesNotContainKeys("temperature_celsius", "memory_percent");
        assertThat(values.get("disk_percent")).isCloseTo(50, offset(50.0));
    }

    @Test
    void theNodesStatusHasWhatKubectlShows() throws IOException {
        write("proc/stat", "cpu  1 1 1 1\ncpu0 1 1 1\ncpu1 1 1 1\ncpu2 1 1 1\n");
        write("proc/meminfo", "MemTotal:  1048576 kB\n");
        write("etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
        write("etc/machine-id", "abc\n");
        NodeFacts facts = new NodeFacts(new SystemFiles(root), root, "edge-1", Optional.of("10.0.0.9"), 42);
        ObjectNode status = facts.status();
        assertThat(Json.textAt(status, "capacity", "cpu")).isEqualTo("3");
        assertThat(Json.textAt(status, "capacity", "memory")).isEqualTo("1048576Ki");
        assertThat(Json.textAt(status, "allocatable", "memory")).isEqualTo("917504Ki");
        assertThat(Json.textAt(status, "allocatable", "pods")).isEqualTo("42");
        assertThat(Json.textAt(status, "nodeInfo", "osImage")).isEqualTo("Debian GNU/Linux 12");
        assertThat(Json.textAt(status, "nodeInfo", "machineID")).isEqualTo("abc");
        assertThat(Json.text(status)).contains("{\"type\":\"InternalIP\",\"address\":\"10.0.0.9\"}");
    }

    @Test
    void aConditionKeepsTheTimeOfItsLastTransition() {
        NodeStatus status = new NodeStatus(Json.object());
        Instant first = Instant.parse("2026-01-01T00:00:00Z");
        status.compose(List.of(), Map.of("disk_percent", 50.0), List.of(), first);
        ObjectNode later = status.compose(
                List.of(), Map.of("disk_percent", 99.0), List.of("lanes: broken"), first.plusSeconds(60));
        ObjectNode node = Json.object();
        node.set("status", later);
        assertThat(Conditions.status(node, "Ready")).isEqualTo("True");
        assertThat(Conditions.status(node, "DiskPressure")).isEqualTo("True");
        assertThat(Conditions.find(node, "PartsWorking").orElseThrow().toString())
                .contains("lanes: broken");
        assertThat(Json.textAt(Conditions.find(node, "Ready").orElseThrow(), "lastTransitionTime"))
                .isEqualTo("2026-01-01T00:00:00Z");
        assertThat(Json.textAt(Conditions.find(node, "DiskPressure").orElseThrow(), "lastTransitionTime"))
                .isEqualTo("2026-01-01T00:01:00Z");
    }

    @Test
    void rowsGoToTheLaneThatTheLinkAndTheStreamSayAndAreFoundAgainAfterAStart() throws Exception {
        AtomicBoolean linked = new AtomicBoolean();
        List<Row> watched = new ArrayList<>();
        try (Lanes lanes = Lanes.open(root.resolve("lanes"), LanesConfig.standard())) {
            LaneSink sink = new LaneSink(lanes, "edge-1", linked::get, watched::add);
            sink.append(row("live", "offline"));
            linked.set(true);
            sink.append(row("live", "online"));
            sink.append(row("alarm", "fire"));
            sink.sync();
            assertThat(keys(lanes.peek(Lane.BACKLOG, 10_000))).containsExactly("offline");
            assertThat(keys(lanes.peek(Lane.LIVE, 10_000))).containsExactly("online");
            assertThat(keys(lanes.peek(Lane.ALARM, 10_000))).containsExactly("fire");
            assertThat(watched).hasSize(3);
        }
        try (Lanes lanes = Lanes.open(root.resolve("lanes"), LanesConfig.standard())) {
            List<WindowName> seen = new ArrayList<>();
            new LaneSink(lanes, "edge-1", linked::get, row -> {}).recent(seen::add);
            assertThat(seen).extracting(WindowName::key).containsExactlyInAnyOrder("offline", "online", "fire");
            assertThat(seen.getFirst().endMillis()).isEqualTo(20_000);
        }
    }

    private static List<String> keys(Batch batch) throws IOException {
        List<String> keys = new ArrayList<>();
        for (byte[] record : batch.records()) {
            keys.add(Sample.parseFrom(record).getKey());
        }
        return keys;
    }

    private static Row row(String lane, String key) {
        return new Row(lane, "green", "stream/average", key, 10_000, 20_000, true, Map.of("temperature", 4.5));
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
