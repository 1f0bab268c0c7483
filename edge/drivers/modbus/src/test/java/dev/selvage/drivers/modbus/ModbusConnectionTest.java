package dev.selvage.drivers.modbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.devices.Access;
import dev.selvage.devices.Access.Result;
import dev.selvage.devices.Driver;
import dev.selvage.devices.Point;
import dev.selvage.devices.WriteRefusedException;
import dev.selvage.model.Json;
import dev.selvage.model.PropertyType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The driver against peers that misbehave (Modbus Messaging on TCP/IP Implementation Guide 1.0b, section 4.4.2.6). */
@Timeout(60)
class ModbusConnectionTest {
    private static final List<Point> TWO = List.of(
            point("a", "{\"table\": \"input\", \"address\": 0, \"type\": \"int16\"}"),
            point("b", "{\"table\": \"input\", \"address\": 1, \"type\": \"int16\"}"));

    private static Point point(String name, String address) {
        return new Point(name, PropertyType.NUMBER, Json.parseObject(address));
    }

    private static ObjectNode block(int port, String timeout) {
        return Json.object()
                .put("host", "127.0.0.1")
                .put("port", port)
                .put("unit", 1)
                .put("timeout", timeout);
    }

    private static Map<String, Result> read(RoguePeer.Script script) throws IOException {
        return read("20s", script);
    }

    private static Map<String, Result> read(String timeout, RoguePeer.Script script) throws IOException {
        try (RoguePeer peer = new RoguePeer(script);
                Driver.Connection connection = new ModbusTcpDriver().connect(block(peer.port(), timeout))) {
            return connection.access(TWO).read();
        }
    }

    @Test
    void adjacentPointsComeInOneRequest() throws Exception {
        try (RoguePeer peer = new RoguePeer((request, out) -> out.write(request.right(4, 4, 0, 7, 0xFF, 0xFF)));
                Driver.Connection connection = new ModbusTcpDriver().connect(block(peer.port(), "20s"))) {
            assertThat(connection.access(TWO).read())
                    .containsExactly(Map.entry("a", new Result.Value(7.0)), Map.entry("b", new Result.Value(-1.0)));
            assertThat(peer.requests()).isEqualTo(1);
        }
    }

    @Test
    void silenceEndsAfterTheTimeout() {
        long started = System.nanoTime();
        assertThatThrownBy(() -> read("300ms", (request, out) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("no answer within 300 ms");
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started)).isGreaterThanOrEqualTo(290L);
    }

    /** The whole answer takes 2.4 s, each byte of it 200 ms: with a timeout for each byte it would be taken. */
    @Test
    void aTrickleOfBytesDoesNotStretchTheTimeout() {
        long started = System.nanoTime();
        assertThatThrownBy(() -> read("1s", (request, out) -> {
                    for (byte b : request.right(4, 4, 0, 7, 0, 8)) {
                        out.write(b);
                        out.flush();
                        Thread.sleep(200);
                    }
                }))
                .hasMessage("no complete answer within 1000 ms");
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started)).isGreaterThanOrEqualTo(990L);
    }

    @Test
    void anAnswerToAnotherQuestionIsNotBelieved() {
        assertThatThrownBy(() -> read((request, out) ->
                        out.write(RoguePeer.Request.frame(request.transaction() + 1, 1, 4, 4, 0, 7, 0, 8))))
                .hasMessageContaining("answer to another question");
        assertThatThrownBy(() -> read((request, out) ->
                        out.write(RoguePeer.Request.frame(request.transaction(), 9, 4, 4, 0, 7, 0, 8))))
                .hasMessageContaining("of unit 9, expected");
        assertThatThrownBy(() -> read((request, out) -> out.write(request.right(3, 4, 0, 7, 0, 8))))
                .hasMessage("answer carries function 3, expected 4");
    }

    @Test
    void anAnswerOfAnotherLengthIsNotBelieved() {
        assertThatThrownBy(() -> read((request, out) -> out.write(request.right(4, 2, 0, 7))))
                .hasMessage("answer carries 2 bytes and says 2, expected 4");
        assertThatThrownBy(() -> read((request, out) -> out.write(request.right(4, 200, 0, 7, 0, 8))))
                .hasMessage("answer carries 4 bytes and says 200, expected 4");
    }

    @Test
    void garbageIsNotModbus() {
        assertThatThrownBy(() -> read((request, out) -> out.write(
                        "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))))
                .hasMessageContaining("answer is not Modbus TCP");
    }

    @Test
    void aPeerThatClosesOrResetsEndsTheConnection() {
        assertThatThrownBy(() -> read((request, out) -> out.close()))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void nobodyListeningIsToldAtOnce() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertThatThrownBy(
                        () -> new ModbusTcpDriver().connect(block(port, "20s")).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot connect to 127.0.0.1:" + port);
    }

    @Test
    void oneIllegalAddressDoesNotBlindTheOthersAndTheGroupStaysSplit() throws Exception {
        RoguePeer.Script script = (request, out) -> {
            boolean first = request.address() == 0; // address 0 is illegal
            out.write(first ? request.right(0x84, 2) : request.right(4, 2, 0, 8));
        };
        try (RoguePeer peer = new RoguePeer(script);
                Driver.Connection connection = new ModbusTcpDriver().connect(block(peer.port(), "20s"))) {
            Access access = connection.access(TWO);
            Map<String, Result> expected = Map.of(
                    "a", new Result.Failed("the device answered: exception 2, illegal data address"),
                    "b", new Result.Value(8.0));
            assertThat(access.read()).isEqualTo(expected);
            assertThat(peer.requests()).isEqualTo(3);
            assertThat(access.read()).isEqualTo(expected);
            assertThat(peer.requests()).isEqualTo(5);
        }
    }

    @Test
    void aGatewayThatCannotReachTheDeviceEndsTheConnection() {
        assertThatThrownBy(() -> read((request, out) -> out.write(request.right(0x84, 11))))
                .isInstanceOf(IOException.class)
                .hasMessage("the device answered: exception 11, gateway target device failed to respond");
    }

    @Test
    void aWriteIsOnlyDoneWhenTheAnswerRepeatsIt() throws Exception {
        List<Point> points = List.of(point("limit", "{\"table\": \"holding\", \"address\": 3, \"type\": \"int32\"}"));
        try (RoguePeer peer = new RoguePeer((request, out) -> out.write(request.right(16, 0, 3, 0, 2)));
                Driver.Connection connection = new ModbusTcpDriver().connect(block(peer.port(), "20s"))) {
            assertThat(connection.access(points).write("limit", 1.6)).isEqualTo(2.0);
        }
        try (RoguePeer peer = new RoguePeer((request, out) -> out.write(request.right(16, 0, 4, 0, 2)));
                Driver.Connection connection = new ModbusTcpDriver().connect(block(peer.port(), "20s"))) {
            assertThatThrownBy(() -> connection.access(points).write("limit", 1.0))
                    .hasMessage("the device's answer does not repeat the write");
        }
        try (RoguePeer peer = new RoguePeer((request, out) -> out.write(request.right(0x90, 3)));
                Driver.Connection connection = new ModbusTcpDriver().connect(block(peer.port(), "20s"))) {
            assertThatThrownBy(() -> connection.access(points).write("limit", 1.0))
                    .isInstanceOf(WriteRefusedException.class)
                    .hasMessage("the device answered: exception 3, illegal data value");
        }
    }

    @Test
    void groupsKeepToTheLimitsOfARequest() {
        List<ModbusPoint> points = new java.util.ArrayList<>();
        for (int i = 0; i < 130; i++) {
            points.add(ModbusPoint.of(point("p" + i, "{\"table\": \"holding\", \"address\": " + i + "}")));
        }
        points.add(ModbusPoint.of(point("far", "{\"table\": \"holding\", \"address\": 65535}")));
        points.add(ModbusPoint.of(point("wide", "{\"table\": \"holding\", \"address\": 130, \"type\": \"float64\"}")));
        List<ReadGroup> groups = ReadGroup.of(points);
        assertThat(groups).extracting(ReadGroup::address).containsExactly(0, 125, 65535);
        assertThat(groups).extracting(ReadGroup::quantity).containsExactly(125, 9, 1);
    }
}
