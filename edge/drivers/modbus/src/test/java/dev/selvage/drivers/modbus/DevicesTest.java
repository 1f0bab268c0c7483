package dev.selvage.drivers.modbus;

import static dev.selvage.drivers.modbus.Site.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.DeviceReading;
import dev.selvage.model.Quality;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Polling, twins and lost devices against a real Modbus server (issue 2, "Devices"). */
@Timeout(300)
class DevicesTest {
    @TempDir
    private Path dir;

    private Site site;

    @BeforeEach
    void open() throws Exception {
        site = new Site(dir);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    /** Each answer takes 5 ms and a poll several: a schedule that counted from the end of a poll would never be in time. */
    @Test
    void aDeviceIsPolledAtItsIntervalWithoutDriftOrOverlap() throws Exception {
        site.timeout = "20s";
        site.control("/fault/slow?room=1&ms=5");
        site.desired(site.room(1, "50ms", ""));
        eventually("41 readings in time", () -> spansOf40().anyMatch(span -> span <= 2300));
        // of two polls that a stall has delayed one follows the other at once, and no more than that
        assertThat(spansOf40()).allMatch(span -> span >= 1890);
        DeviceReading first = site.readings.getFirst();
        assertThat(first.quality()).isEqualTo(Quality.GOOD);
        assertThat(first.labels()).isEqualTo(Map.of("floor", "1"));
        assertThat(first.values().keySet()).containsExactly("temperature", "outdoor", "energy", "door", "compressor");
        assertThat((Double) first.values().get("temperature")).isBetween(3.5, 5.0);
        assertThat(first.values().get("door")).isEqualTo(false);
        assertThat(first.values().get("energy")).isEqualTo(0L);
    }

    /** From each reading to the 40th after it, in milliseconds. */
    private Stream<Long> spansOf40() {
        List<DeviceReading> readings = List.copyOf(site.readings);
        return IntStream.range(40, readings.size())
                .mapToObj(i -> readings.get(i).atMillis() - readings.get(i - 40).atMillis());
    }

    @Test
    void theStatusIsARevisionOnlyWhenAQualityOrTheConnectionChanges() throws Exception {
        site.timeout = "20s";
        site.desired(site.room(1, "50ms", ""));
        eventually("readings", () -> site.readings.size() >= 40);
        assertThat(site.statuses).hasSize(1);
        assertThat(site.statuses.getFirst().connected()).isEqualTo("True");
        site.control("/fault/sensor-lost?room=1");
        eventually(
                "bad",
                () -> site.lastStatus("room-1")
                        .property("temperature")
                        .path("quality")
                        .asText()
                        .equals("Bad"));
        assertThat(site.statuses).hasSize(2);
    }

    @Test
    void aPhysicallyImpossibleValueIsBadAndIsNotDelivered() throws Exception {
        site.control("/fault/sensor-lost?room=1");
        site.desired(site.room(1, "50ms", ""));
        eventually("a reading", () -> !site.readings.isEmpty());
        DeviceReading reading = site.readings.getFirst();
        assertThat(reading.quality()).isEqualTo(Quality.UNCERTAIN);
        assertThat(reading.values()).doesNotContainKey("temperature").containsKey("outdoor");
        assertThat(site.twin("room-1", "temperature").path("value").asDouble()).isEqualTo(-327.68);
        assertThat(site.twin("room-1", "temperature").path("reason").asText())
                .isEqualTo("found -327.68, physically possible is -40.0 to 80.0");
    }

    @Test
    void aRegisterThatCannotBeReadIsBadAndTheOthersStayGood() throws Exception {
        site.control("/fault/sensor-error?room=1");
        site.desired(site.room(1, "50ms", ""));
        eventually("a reading", () -> !site.readings.isEmpty());
        assertThat(site.twin("room-1", "temperature").path("reason").asText()).contains("server device failure");
        assertThat(site.twin("room-1", "outdoor").path("quality").asText()).isEqualTo("Good");
        assertThat(site.devices
                        .twin("ns", "room-1")
                        .orElseThrow()
                        .path("connected")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void aLostDeviceIsMarkedHoldsUpNobodyAndComesBackByItself() throws Exception {
        site.desired(site.room(1, "50ms", ""), site.room(2, "50ms", ""));
        eventually(
                "both",
                () -> !site.readingsOf("room-1").isEmpty()
                        && !site.readingsOf("room-2").isEmpty());
        site.control("/fault/silent?room=1");
        eventually("lost", () -> site.lastStatus("room-1").connected().equals("False"));
        Site.Status lost = site.lastStatus("room-1");
        assertThat(lost.status().at("/conditions/0/reason").asText()).isEqualTo("NoAnswer");
        assertThat(lost.status().at("/conditions/0/message").asText()).isEqualTo("no answer within 300 ms");
        assertThat(lost.property("temperature").path("quality").asText()).isEqualTo("Bad");
        assertThat(lost.property("temperature").path("value").isNumber()).isTrue();
        int before = site.readingsOf("room-2").size();
        eventually("room 2 goes on", () -> site.readingsOf("room-2").size() >= before + 20);
        site.control("/clear");
        eventually("back", () -> site.lastStatus("room-1").connected().equals("True"));
        assertThat(site.lastStatus("room-1")
                        .property("temperature")
                        .path("quality")
                        .asText())
                .isEqualTo("Good");
        assertThat(site.eventsSoFar())
                .containsSubsequence(
                        "DeviceLost room-1: no answer within 300 ms", "DeviceConnected room-1 answers again");
    }

    @Test
    void aServerThatResetsEachRequestIsLostWithoutAStormOfAttempts() throws Exception {
        site.control("/fault/reset?room=1");
        site.desired(site.room(1, "10ms", ""));
        eventually("lost", () -> site.lastStatus("room-1").connected().equals("False"));
        long began = System.nanoTime();
        long failures = failures();
        eventually("six more attempts", () -> failures() >= failures + 6);
        // five whole pauses at least, of 50, 100, 200, 400 and 400 ms, each shortened by up to half
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(500));
        assertThat(site.statusesOf("room-1")).hasSize(1);
    }

    private long failures() {
        return site.devices.twin("ns", "room-1").orElseThrow().path("failures").asLong();
    }

    @Test
    void aSingleResetIsNoNews() throws Exception {
        site.desired(site.room(1, "50ms", ""));
        eventually("readings", () -> site.readings.size() >= 3);
        site.control("/fault/reset?room=1&for=60");
        int before = site.readings.size();
        eventually("readings go on", () -> site.readings.size() >= before + 10);
        assertThat(site.statuses.size()).isLessThanOrEqualTo(3);
        assertThat(site.devices
                        .twin("ns", "room-1")
                        .orElseThrow()
                        .path("connected")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void aSlowDeviceIsPolledAsOftenAsItAnswersAndMissesAreCounted() throws Exception {
        site.control("/fault/slow?room=1&ms=30");
        site.desired(site.room(1, "50ms", ""), site.room(2, "50ms", ""));
        eventually("readings", () -> site.readingsOf("room-1").size() >= 10);
        assertThat(site.devices
                        .twin("ns", "room-1")
                        .orElseThrow()
                        .path("latePolls")
                        .asLong())
                .isPositive();
        eventually(
                "the other device gets ahead",
                () -> site.readingsOf("room-2").size()
                        > site.readingsOf("room-1").size() + 3);
    }

    @Test
    void aDeviceWithoutItsModelOrDriverSaysSo() throws Exception {
        site.devices.desired(List.of(site.room(1, "50ms", "")), Map.of());
        eventually("status", () -> !site.statuses.isEmpty());
        assertThat(site.statuses.getFirst().status().at("/conditions/0/reason").asText())
                .isEqualTo("ModelMissing");
        site.desired(site.room(1, "50ms", ""));
        eventually("polled", () -> !site.readings.isEmpty());
        eventually("connected", () -> site.lastStatus("room-1").connected().equals("True"));
    }

    @Test
    void aRemovedDeviceIsPolledNoMoreAndAChangedIntervalHoldsAtOnce() throws Exception {
        site.desired(site.room(1, "1h", ""), site.room(2, "50ms", ""));
        eventually("first poll", () -> site.readingsOf("room-1").size() == 1);
        site.desired(site.room(1, "50ms", ""));
        eventually("faster", () -> site.readingsOf("room-1").size() >= 10);
        int second = site.readingsOf("room-2").size();
        int first = site.readingsOf("room-1").size();
        eventually("more", () -> site.readingsOf("room-1").size() >= first + 10);
        assertThat(site.readingsOf("room-2").size()).isLessThanOrEqualTo(second + 1);
        assertThat(site.devices.twin("ns", "room-2")).isEmpty();
    }

    @Test
    void twoHundredDevicesOnFiftyConnectionsArePolledInTime() throws Exception {
        try (Site many = new Site(Path.of(dir.toString(), "many"), java.time.Clock.systemUTC(), 50)) {
            many.timeout = "20s";
            var objects = new java.util.ArrayList<com.fasterxml.jackson.databind.node.ObjectNode>();
            for (int i = 0; i < 200; i++) {
                var object = many.room(i % 50 + 1, "1s", "");
                ((com.fasterxml.jackson.databind.node.ObjectNode) object.path("metadata"))
                        .put("name", "d" + i)
                        .put("uid", "u" + i);
                objects.add(object);
            }
            many.devices.desired(objects, Site.MODELS);
            Round[] since = {Round.of(many)};
            eventually("a round without a late poll and without a status", () -> {
                Round now = Round.of(many);
                if (now.late != since[0].late || now.statuses != since[0].statuses) {
                    since[0] = now;
                }
                return now.readings - since[0].readings >= 200;
            });
        }
    }

    /** How far the polling has come; a machine that stalls is late for once, a poller that cannot keep up in every round. */
    private record Round(int readings, long late, int statuses) {
        static Round of(Site site) {
            int readings = site.readings.size();
            long late = site.devices.snapshot().stream()
                    .mapToLong(t -> t.path("latePolls").asLong())
                    .sum();
            return new Round(readings, late, site.statuses.size());
        }
    }

    @Test
    void closingEndsPromptlyEvenWhileADeviceIsSilent() throws Exception {
        site.control("/fault/silent");
        site.desired(site.room(1, "50ms", ""));
        eventually("polled", () -> failures() > 0);
        long started = System.nanoTime();
        site.devices.close();
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
    }
}
