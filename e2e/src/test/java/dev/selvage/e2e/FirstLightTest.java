package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proof of issue 2: the centre is killed and away for two minutes, the agent is killed twice meanwhile, and nothing is restarted, nothing is
 * missing.
 */
class FirstLightTest {
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final long WINDOW = 10_000;
    /** For which the room stays in its band whatever the compressor does: ColdRoom. */
    private static final double SAFE_SECONDS = 5;

    @TempDir
    Path directory;

    /** One window as telemetry has it. */
    record Window(long end, boolean partial, double value) {}

    @Test
    void theRoomStaysColdAndNoWindowIsLostWhileTheCentreIsAwayAndTheAgentDiesTwice() {
        try (Selvage selvage = new Selvage(directory.resolve("home")).up()) {
            awaitWindows(selvage, 3);
            awaitLogged(selvage, line -> line.temperature() < 5, "the room is cold");
            Map<String, Long> pods = podPids(selvage);
            assertThat(pods).isNotEmpty();
            long plant = selvage.pid("plant");
            long torn = System.currentTimeMillis();

            selvage.kill9("centre");
            selvage.actOnPlant("/door/open");
            List<long[]> agentAway = new ArrayList<>();
            for (int death = 1; death <= 2; death++) {
                awaitPlantTime(selvage, torn + death * 40_000L);
                agentAway.add(killAndStartAgent(selvage));
                Eventually.within(
                        LIMIT,
                        "the pods, never started anew",
                        () -> podPids(selvage).equals(pods));
            }
            awaitPlantTime(selvage, torn + 120_000);
            long mended = System.currentTimeMillis();
            selvage.selvage("start", "centre").succeeded();

            awaitDrained(selvage, mended);
            assertThat(podPids(selvage)).as("the pods' processes").isEqualTo(pods);
            assertThat(selvage.pid("plant")).isEqualTo(plant);
            nothingWasRestarted(selvage);
            theLoopHeldTheRoom(selvage, torn, mended, agentAway);
            eachWindowIsThereOnce(selvage, torn, mended, agentAway);
        }
    }

    /** Kills the agent and starts it again; returns when it was away from its device. */
    private static long[] killAndStartAgent(Selvage selvage) {
        long gone = System.currentTimeMillis();
        selvage.kill9("agent");
        selvage.selvage("start", "agent").succeeded();
        Eventually.within(
                LIMIT,
                "a reading of the device",
                () -> StreamSupport.stream(
                                selvage.node("/status").path("streams").spliterator(), false)
                        .anyMatch(stream -> stream.path("readings").asLong() > 0));
        return new long[] {gone, System.currentTimeMillis()};
    }

    /** Seconds; on a busy machine an agent takes longer to start than a room can wait for it. */
    private static double longest(List<long[]> agentAway) {
        return agentAway.stream().mapToLong(away -> away[1] - away[0]).max().orElseThrow() / 1e3;
    }

    private static void theLoopHeldTheRoom(Selvage selvage, long torn, long mended, List<long[]> agentAway) {
        PlantLog log = PlantLog.read(plantLog(selvage)).between(torn, mended);
        double unsafe = Math.max(0, longest(agentAway) - SAFE_SECONDS);
        assertThat(log.lowest()).as("lowest temperature").isGreaterThanOrEqualTo(2.5 - 0.1 * unsafe);
        assertThat(log.highest()).as("highest temperature").isLessThanOrEqualTo(5.5 + 0.1 * unsafe);
        assertThat(log.switches())
                .as("switches of the compressor by the node alone")
                .isPositive();
    }

    private static void eachWindowIsThereOnce(Selvage selvage, long torn, long mended, List<long[]> agentAway) {
        Map<Long, List<Window>> found = windows(selvage, torn - 2 * WINDOW, mended).stream()
                .collect(Collectors.groupingBy(Window::end, TreeMap::new, Collectors.toList()));
        PlantLog log = PlantLog.read(plantLog(selvage));
        long first = (torn / WINDOW) * WINDOW;
        for (long end = first; end <= mended - WINDOW; end += WINDOW) {
            List<Window> same = found.getOrDefault(end, List.of());
            if (same.isEmpty() && missed(end, agentAway)) {
                continue;
            }
            assertThat(same)
                    .as("windows that end at %s", Instant.ofEpochMilli(end))
                    .hasSize(1);
            Window window = same.getFirst();
            if (!window.partial()) {
                assertThat(window.value())
                        .as("average of the window that ends at %s", Instant.ofEpochMilli(end))
                        .isCloseTo(log.between(end - WINDOW, end).average(), org.assertj.core.data.Offset.offset(0.1));
            }
            assertThat(window.partial() && !cut(end, agentAway))
                    .as("window that ends at %s is marked partial though nothing cut it", Instant.ofEpochMilli(end))
                    .isFalse();
        }
    }

    /** No agent ran in any of it: examples/first-light/README.md, 5. */
    private static boolean missed(long end, List<long[]> agentAway) {
        return agentAway.stream().anyMatch(away -> away[0] <= end - WINDOW && away[1] >= end);
    }

    private static boolean cut(long end, List<long[]> agentAway) {
        return agentAway.stream().anyMatch(away -> away[0] - 1000 < end && away[1] + 1000 > end - WINDOW);
    }

    private static void nothingWasRestarted(Selvage selvage) {
        for (JsonNode pod : selvage.get("pods", "-n", "first-light").path("items")) {
            for (JsonNode container : Json.at(pod, "status", "containerStatuses")) {
                assertThat(container.path("restartCount").asInt(-1))
                        .as("restarts of %s", Json.textAt(pod, "metadata", "name"))
                        .isZero();
            }
        }
    }

    private static void awaitWindows(Selvage selvage, int count) {
        Eventually.within(
                LIMIT,
                count + " windows in telemetry",
                () -> windows(selvage, System.currentTimeMillis() - 600_000, System.currentTimeMillis())
                                .size()
                        >= count);
    }

    /** Waits until the newest window that ended before the given time has come up. */
    private static void awaitDrained(Selvage selvage, long time) {
        long last = (time / WINDOW) * WINDOW - WINDOW;
        Eventually.within(
                LIMIT,
                "the lanes to be drained",
                () -> windows(selvage, last - WINDOW, time + WINDOW).stream().anyMatch(window -> window.end() >= last));
        Eventually.within(LIMIT, "nothing to wait in the lanes", () -> waiting(selvage.node("/lanes")) == 0);
    }

    private static long waiting(JsonNode lanes) {
        return StreamSupport.stream(lanes.spliterator(), false)
                .mapToLong(lane -> lane.path("waiting").asLong())
                .sum();
    }

    private static void awaitPlantTime(Selvage selvage, long time) {
        Eventually.within(
                LIMIT,
                "the plant's log to reach " + Instant.ofEpochMilli(time),
                () -> PlantLog.read(plantLog(selvage)).lines().getLast().at() >= time);
    }

    private static void awaitLogged(
            Selvage selvage, java.util.function.Predicate<PlantLog.Line> condition, String what) {
        Eventually.within(
                LIMIT,
                what,
                () -> condition.test(PlantLog.read(plantLog(selvage)).lines().getLast()));
    }

    private static List<Window> windows(Selvage selvage, long from, long to) {
        JsonNode answer =
                selvage.telemetry("/namespaces/first-light/range?source=stream/room-average&field=temperature&from="
                        + Instant.ofEpochMilli(from) + "&to=" + Instant.ofEpochMilli(to));
        List<Window> windows = new ArrayList<>();
        for (JsonNode point : answer.path("points")) {
            windows.add(new Window(
                    Instant.parse(Json.textAt(point, "end")).toEpochMilli(),
                    point.path("partial").asBoolean(),
                    point.path("value").asDouble()));
        }
        return windows;
    }

    /** The processes of the pods' containers as the node knows them. */
    private static Map<String, Long> podPids(Selvage selvage) {
        Map<String, Long> pids = new TreeMap<>();
        for (JsonNode pod : selvage.node("/status").path("pods")) {
            for (JsonNode container : pod.path("containers")) {
                pids.put(
                        Json.textAt(pod, "namespace") + "/" + Json.textAt(pod, "name") + "/"
                                + Json.textAt(container, "name"),
                        container.path("pid").asLong());
            }
        }
        return pids;
    }

    private static Path plantLog(Selvage selvage) {
        return selvage.home().resolve("plant/plant.log");
    }
}
