package dev.selvage.drivers.modbus;

import static dev.selvage.drivers.modbus.Site.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.devices.Driver;
import dev.selvage.devices.Point;
import dev.selvage.devices.WriteOutcome;
import dev.selvage.devices.WriteOutcome.State;
import dev.selvage.devices.WriteRequest;
import dev.selvage.model.Json;
import dev.selvage.model.PropertyType;
import dev.selvage.model.Timestamps;
import dev.selvage.model.WriteAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One authority, validUntil, confirmation, fail-safe (issue 2, "Devices"; design, "Devices and streams"). */
@Timeout(300)
class WritesTest {
    private static final String SITE_WRITES = ", \"authority\": \"site\"";
    private static final WriteAuthority LOOP = WriteAuthority.stream("loop");

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

    private void running(String compressor) throws InterruptedException {
        running(site.room(1, "50ms", compressor));
    }

    private void running(ObjectNode device) throws InterruptedException {
        int before = site.readings.size();
        site.desired(device);
        eventually("a reading", () -> site.readings.size() > before);
    }

    private static WriteRequest write(Object value, WriteAuthority authority) {
        return WriteRequest.within(Duration.ofSeconds(5), "ns", "room-1", "compressor", value, authority);
    }

    private WriteOutcome wait(WriteRequest request) throws InterruptedException {
        return site.devices.writeAndWait(request, Duration.ofSeconds(8));
    }

    private static String wish(boolean value, long validForMillis) {
        return ", \"desired\": {\"value\": " + value + ", \"validUntil\": \""
                + Timestamps.millis(System.currentTimeMillis() + validForMillis) + "\"}";
    }

    private String writeState() {
        return site.twin("room-1", "compressor").at("/write/state").asText();
    }

    @Test
    void aWriteIsConfirmedWhenTheDeviceShowsIt() throws Exception {
        running(SITE_WRITES);
        assertThat(wait(write(true, WriteAuthority.SITE))).isEqualTo(new WriteOutcome(State.CONFIRMED, ""));
        assertThat(site.twin("room-1", "compressor").path("value").asBoolean()).isTrue();
        assertThat(site.twin("room-1", "compressor").at("/write/by").asText()).isEqualTo("site");
        assertThat(site.plantWrites()).hasSize(1);
    }

    @Test
    void onlyTheAuthorityIsHeard() throws Exception {
        running(SITE_WRITES);
        assertThat(wait(write(true, LOOP)))
                .isEqualTo(new WriteOutcome(
                        State.REFUSED,
                        "found a write by stream/loop, accepted from site only, the authority of compressor"));
        assertThat(wait(write(true, WriteAuthority.CENTRE)).state()).isEqualTo(State.REFUSED);
        assertThat(site.plantWrites()).isEmpty();
    }

    @Test
    void aWrongWriteIsToldFieldFoundAndAccepted() throws Exception {
        running(SITE_WRITES);
        WriteAuthority by = WriteAuthority.SITE;
        Duration soon = Duration.ofSeconds(5);
        assertThat(wait(write("on", by)).message()).isEqualTo("value: found on, accepted a boolean");
        assertThat(wait(WriteRequest.within(soon, "ns", "room-1", "lamp", true, by))
                        .message())
                .isEqualTo("property: found lamp, accepted temperature, outdoor, energy, door, compressor");
        assertThat(wait(WriteRequest.within(soon, "ns", "room-1", "door", true, by))
                        .message())
                .isEqualTo("property door is read-only in the DeviceModel cold-room");
        assertThat(wait(WriteRequest.within(soon, "other", "room-1", "door", true, by))
                        .message())
                .isEqualTo("no device other/room-1 on this node");
        assertThat(site.plantWrites()).isEmpty();
    }

    @Test
    void aWriteIsNeverCarriedOutAfterValidUntil() throws Exception {
        running(SITE_WRITES);
        assertThat(wait(new WriteRequest(
                                "ns",
                                "room-1",
                                "compressor",
                                true,
                                WriteAuthority.SITE,
                                System.currentTimeMillis() - 1))
                        .state())
                .isEqualTo(State.EXPIRED);
        site.control("/fault/silent?room=1");
        eventually("lost", () -> site.lastStatus("room-1").connected().equals("False"));
        WriteRequest short_ =
                WriteRequest.within(Duration.ofMillis(300), "ns", "room-1", "compressor", true, WriteAuthority.SITE);
        assertThat(wait(short_))
                .isEqualTo(new WriteOutcome(State.EXPIRED, "validUntil passed before it could be carried out"));
        site.control("/clear");
        int before = site.readings.size();
        eventually("back", () -> site.readings.size() > before + 3);
        assertThat(site.plantWrites()).isEmpty();
    }

    @Test
    void aWriteToALostDeviceIsCarriedOutOnReturnWhileItIsValid() throws Exception {
        running(SITE_WRITES);
        site.control("/fault/silent?room=1");
        eventually("lost", () -> site.lastStatus("room-1").connected().equals("False"));
        assertThat(site.devices.write(write(true, WriteAuthority.SITE)).state()).isEqualTo(State.PENDING);
        site.control("/clear");
        eventually("confirmed", () -> writeState().equals("Confirmed"));
        assertThat(site.plantWrites()).hasSize(1);
    }

    @Test
    void aDeviceThatAcknowledgesAndDoesNotObeyFailsTheWrite() throws Exception {
        running(SITE_WRITES);
        site.control("/fault/compressor-stuck?room=1");
        assertThat(wait(write(true, WriteAuthority.SITE)))
                .isEqualTo(new WriteOutcome(State.FAILED, "the device shows false"));
        eventually(
                "status",
                () -> site.lastStatus("room-1")
                        .property("compressor")
                        .at("/write/state")
                        .asText()
                        .equals("Failed"));
        assertThat(site.eventsSoFar()).contains("WriteFailed compressor by site: the device shows false");
    }

    @Test
    void aNewerWriteReplacesOneThatWaits() throws Exception {
        running(SITE_WRITES);
        site.control("/fault/silent?room=1");
        eventually("lost", () -> site.lastStatus("room-1").connected().equals("False"));
        assertThat(site.devices.write(write(true, WriteAuthority.SITE)).state()).isEqualTo(State.PENDING);
        assertThat(site.devices.write(write(false, WriteAuthority.SITE)).state())
                .isEqualTo(State.PENDING);
        site.control("/clear");
        eventually("confirmed", () -> writeState().equals("Confirmed"));
        assertThat(site.plantWrites()).hasSize(1).first().asString().contains("\"value\":false");
    }

    @Test
    void aStreamThatRepeatsItselfDoesNotBotherTheBus() throws Exception {
        site.streamInputs = Optional.of(Set.of("temperature"));
        running(", \"authority\": \"stream/loop\"");
        assertThat(wait(write(true, LOOP)).state()).isEqualTo(State.CONFIRMED);
        for (int i = 0; i < 20; i++) {
            assertThat(wait(write(true, LOOP)).state()).isEqualTo(State.CONFIRMED);
        }
        assertThat(site.plantWrites()).hasSize(1);
        assertThat(wait(write(false, LOOP)).state()).isEqualTo(State.CONFIRMED);
        assertThat(site.plantWrites()).hasSize(2);
    }

    @Test
    void aLoopThatSwitchesNowThisNowThatIsNotARevisionEachTime() throws Exception {
        site.streamInputs = Optional.of(Set.of("temperature"));
        running(", \"authority\": \"stream/loop\"");
        wait(write(true, LOOP));
        eventually(
                "first write told",
                () -> site.lastStatus("room-1")
                        .property("compressor")
                        .at("/write/state")
                        .asText()
                        .equals("Confirmed"));
        int before = site.statuses.size();
        for (int i = 0; i < 10; i++) {
            wait(write(i % 2 == 1, LOOP));
        }
        int seen = site.readings.size();
        eventually("polls", () -> site.readings.size() > seen + 30);
        assertThat(site.statuses).hasSize(before);
    }

    @Test
    void aWishOfTheCentreIsCarriedOutOnceAndARestartNeitherRepeatsNorLosesIt() throws Exception {
        String wish = wish(true, 60_000);
        running(wish);
        eventually(
                "confirmed",
                () -> site.lastStatus("room-1")
                        .property("compressor")
                        .at("/write/state")
                        .asText()
                        .equals("Confirmed"));
        site.desired(site.room(1, "50ms", wish));
        site.restartDevices();
        somebodyAtTheMachineSwitchesTheCompressorOff();
        running(wish);
        eventually("known again", () -> writeState().equals("Confirmed"));
        int seen = site.readings.size();
        eventually("polls", () -> site.readings.size() > seen + 5);
        assertThat(plantWrites()).as("one by the device manager, one by hand").isEqualTo(2);
        running(wish(true, 90_000));
        eventually("the same value with another validUntil is another wish", () -> plantWrites() == 3);
    }

    private void somebodyAtTheMachineSwitchesTheCompressorOff() throws Exception {
        ObjectNode block = site.room(1, "1s", "").path("spec").path("modbusTcp").deepCopy();
        try (Driver.Connection connection = new ModbusTcpDriver().connect(block)) {
            ObjectNode coil = Json.object().put("table", "coil").put("address", 0);
            connection
                    .access(List.of(new Point("compressor", PropertyType.BOOLEAN, coil)))
                    .write("compressor", false);
        }
    }

    private int plantWrites() {
        try {
            return site.plantWrites().size();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aWishThatComesTooLateIsExpiredAndAWithdrawnOneIsForgotten() throws Exception {
        running(wish(true, -1000));
        eventually("expired", () -> writeState().equals("Expired"));
        site.control("/fault/silent?room=1");
        eventually("lost", () -> site.lastStatus("room-1").connected().equals("False"));
        site.desired(site.room(1, "50ms", wish(true, 60_000)));
        eventually("pending", () -> writeState().equals("Pending"));
        site.desired(site.room(1, "50ms", ""));
        site.control("/clear");
        int seen = site.readings.size();
        eventually("back", () -> site.readings.size() > seen + 5);
        assertThat(site.plantWrites()).isEmpty();
    }

    /** Found by the chaos bench: the value is read before it is written, and the device took its time. */
    @Test
    void aWishWhoseTimePassesWhileTheDeviceIsAskedForItsValueIsNotWritten() throws Exception {
        running(site.room(1, "1h", wish(false, 60_000)));
        site.control("/fault/slow?room=1&ms=200");
        site.desired(site.room(1, "1h", wish(true, 100)));
        eventually("expired", () -> writeState().equals("Expired"));
        site.control("/clear");
        assertThat(site.plantWrites()).isEmpty();
    }

    @Test
    void aWishThatTheDeviceFulfilsAlreadyIsConfirmedWithoutAWrite() throws Exception {
        running(wish(false, 60_000));
        eventually("confirmed", () -> writeState().equals("Confirmed"));
        assertThat(site.twin("room-1", "compressor").at("/write/message").asText())
                .isEqualTo("the device had it already");
        assertThat(site.plantWrites()).isEmpty();
    }

    @Test
    void theFailSafeIsWrittenOnceWhenTheStreamsInputGoesBad() throws Exception {
        site.streamInputs = Optional.of(Set.of("temperature"));
        running(", \"authority\": \"stream/loop\", \"failSafe\": {\"value\": false, \"after\": \"500ms\"}");
        wait(write(true, LOOP));
        int seen = site.readings.size();
        eventually("inside the dead band the stream need not write", () -> site.readings.size() > seen + 20);
        assertThat(site.plantWrites()).hasSize(1);
        site.control("/fault/sensor-lost?room=1");
        eventually(
                "fail-safe",
                () -> site.twin("room-1", "compressor").at("/write/by").asText().equals("fail-safe"));
        assertThat(site.twin("room-1", "compressor").path("value").asBoolean()).isFalse();
        int later = site.readings.size();
        eventually("polls", () -> site.readings.size() > later + 20);
        assertThat(site.plantWrites()).hasSize(2);
        assertThat(site.eventsSoFar())
                .contains("FailSafeApplied compressor is set to false: stream/loop was silent for 500 ms");
        site.control("/clear");
        assertThat(wait(write(true, LOOP)).state()).isEqualTo(State.CONFIRMED);
    }

    @Test
    void theFailSafeIsWrittenWhenTheStreamStopsOrTheSiteIsSilent() throws Exception {
        running(", \"authority\": \"site\", \"failSafe\": {\"value\": false, \"after\": \"1s\"}");
        assertThat(wait(write(true, WriteAuthority.SITE)).state()).isEqualTo(State.CONFIRMED);
        eventually(
                "fail-safe",
                () -> site.twin("room-1", "compressor").at("/write/by").asText().equals("fail-safe"));
        assertThat(site.plantWrites()).hasSize(2);
    }

    @Test
    void theFailSafeAppliesAfterTheAgentWasAwayAndToADeviceThatComesBack() throws Exception {
        site.streamInputs = Optional.of(Set.of("temperature"));
        String rule = ", \"authority\": \"stream/loop\", \"failSafe\": {\"value\": false, \"after\": \"2s\"}";
        running(rule);
        wait(write(true, LOOP));
        site.devices.close();
        Files.setLastModifiedTime(
                dir.resolve("devices/running"),
                java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() - 10_000));
        site.restartDevices(false);
        running(rule);
        eventually("written at the first connection", () -> plantWrites() == 2);
        assertThat(site.plantWrites().getLast()).contains("\"value\":false");
    }

    /** Issue 3, fault 1: a controller that is killed forgets its outputs. */
    @Test
    void theFailSafeIsWrittenAgainToADeviceThatRestartedWithoutItWhileItsAuthorityIsSilent() throws Exception {
        site.streamInputs = Optional.empty();
        running(", \"authority\": \"stream/loop\", \"failSafe\": {\"value\": true, \"after\": \"300ms\"}");
        eventually("fail-safe", () -> plantWrites() == 1);
        eventually(
                "confirmed",
                () -> site.twin("room-1", "compressor").path("value").asBoolean());
        site.control("/fault/silent?room=1");
        eventually("lost", () -> site.lastStatus("room-1").connected().equals("False"));
        site.control("/restart?room=1");
        eventually("written again", () -> plantWrites() == 2);
        eventually(
                "confirmed",
                () -> site.twin("room-1", "compressor").path("value").asBoolean());
        int later = site.readings.size();
        eventually("polls", () -> site.readings.size() > later + 20);
        assertThat(site.plantWrites()).hasSize(2);
    }

    @Test
    void theFailSafeIsNotWrittenAgainToADeviceThatWasOnlyUnreachable() throws Exception {
        site.streamInputs = Optional.empty();
        running(", \"authority\": \"stream/loop\", \"failSafe\": {\"value\": true, \"after\": \"300ms\"}");
        eventually("fail-safe", () -> plantWrites() == 1);
        eventually(
                "confirmed",
                () -> site.twin("room-1", "compressor").path("value").asBoolean());
        site.control("/fault/silent?room=1");
        eventually("lost", () -> site.lastStatus("room-1").connected().equals("False"));
        site.control("/clear");
        int later = site.readings.size();
        eventually("polls", () -> site.readings.size() > later + 20);
        assertThat(site.plantWrites()).hasSize(1);
    }

    @Test
    void aBrokenMemoryIsSetAsideAndTheDevicesRun() throws Exception {
        site.devices.close();
        Files.writeString(dir.resolve("devices/writes"), "{\"half");
        site.restartDevices(false);
        running(wish(true, 60_000));
        eventually("confirmed", () -> writeState().equals("Confirmed"));
        try (var files = java.nio.file.Files.list(dir.resolve("devices"))) {
            assertThat(files.map(f -> f.getFileName().toString())).anyMatch(f -> f.startsWith("writes.damaged-"));
        }
    }
}
