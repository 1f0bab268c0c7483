package dev.selvage.sim.plant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.digitalpetri.modbus.client.ModbusTcpClient;
import com.digitalpetri.modbus.exceptions.ModbusResponseException;
import com.digitalpetri.modbus.exceptions.ModbusTimeoutException;
import com.digitalpetri.modbus.pdu.ReadCoilsRequest;
import com.digitalpetri.modbus.pdu.ReadDiscreteInputsRequest;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadInputRegistersRequest;
import com.digitalpetri.modbus.pdu.WriteSingleCoilRequest;
import com.digitalpetri.modbus.pdu.WriteSingleRegisterRequest;
import com.digitalpetri.modbus.tcp.client.NettyTcpClientTransport;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlantTest {
    @TempDir
    private Path dir;

    private Plant plant;
    private ModbusTcpClient client;
    private int modbus;
    private int control;

    @BeforeEach
    void start() throws Exception {
        modbus = freePort();
        control = freePort();
        plant = Plant.start(new Plant.Options(modbus, control, dir.resolve("plant.log"), 7, 2));
        client = client(Duration.ofSeconds(30));
        client.connect();
    }

    private ModbusTcpClient client(Duration patience) {
        return ModbusTcpClient.create(
                NettyTcpClientTransport.create(c -> c.setHostname("127.0.0.1").setPort(modbus)),
                c -> c.setRequestTimeout(patience));
    }

    @AfterEach
    void stop() throws Exception {
        client.disconnect();
        plant.close();
    }

    @Test
    void aRoomShowsTemperatureDoorAndCompressorOnModbusAndTakesWrites() throws Exception {
        theSensorShowsTheAir();
        assertThat(client.readDiscreteInputs(1, new ReadDiscreteInputsRequest(0, 1))
                        .inputs()[0])
                .isZero();
        client.writeSingleCoil(1, new WriteSingleCoilRequest(0, true));
        assertThat(client.readCoils(1, new ReadCoilsRequest(0, 1)).coils()[0]).isEqualTo((byte) 1);
        assertThat(client.readCoils(2, new ReadCoilsRequest(0, 1)).coils()[0]).isZero();
        assertThat(get("/state")).contains("\"room\":1", "\"compressor\":true", "\"room\":2", "\"compressor\":false");
        assertThat(Files.readString(dir.resolve("plant.log"))).contains("\"write\":\"compressor\",\"value\":true");
    }

    @Test
    void aRoomKeepsASetpointUntilItsControllerRestartsAndTheLogHasEachReadAndWrite() throws Exception {
        client.writeSingleRegister(1, new WriteSingleRegisterRequest(0, 4711));
        assertThat(setpoint(1)).isEqualTo(4711);
        assertThat(setpoint(2)).isZero();
        int first = answer();
        assertThat(answer()).isEqualTo(first + 1);
        post("/restart?room=1");
        assertThat(setpoint(1)).isZero();
        assertThat(Files.readString(dir.resolve("plant.log")))
                .contains(
                        "\"room\":1,\"write\":\"setpoint\",\"value\":4711",
                        "\"room\":1,\"read\":" + first + "}",
                        "\"room\":1,\"restart\":true");
    }

    private int answer() throws Exception {
        return ByteBuffer.wrap(client.readInputRegisters(1, new ReadInputRegistersRequest(0, 6))
                        .registers())
                .getInt(8);
    }

    private int setpoint(int unit) throws Exception {
        return ByteBuffer.wrap(client.readHoldingRegisters(unit, new ReadHoldingRegistersRequest(0, 1))
                        .registers())
                .getShort();
    }

    @Test
    void theControlDoorOpensTheRoomAndMakesFaults() throws Exception {
        post("/door/open?room=1");
        assertThat(client.readDiscreteInputs(1, new ReadDiscreteInputsRequest(0, 1))
                        .inputs()[0])
                .isEqualTo((byte) 1);
        post("/fault/sensor-lost?room=1");
        assertThat(temperature()).isEqualTo(-327.68);
        post("/clear");
        theSensorShowsTheAir();
        post("/fault/busy?for=60000");
        assertThatThrownBy(this::temperature).isInstanceOf(ModbusResponseException.class);
        post("/clear");
        post("/fault/silent");
        ModbusTcpClient hasty = client(Duration.ofMillis(500));
        hasty.connect();
        assertThatThrownBy(() -> temperature(hasty)).isInstanceOf(ModbusTimeoutException.class);
        hasty.disconnect();
    }

    /** Its noise has a sigma of 0.02 °C; the air changes meanwhile, and without the compressor it only gets warmer. */
    private void theSensorShowsTheAir() throws Exception {
        double before = air();
        double shown = temperature();
        assertThat(shown).isBetween(before - 0.15, air() + 0.15);
    }

    /** The true temperature of room 1. */
    private double air() throws Exception {
        Matcher room = Pattern.compile("\"room\":1,\"temperature\":([0-9.]+)").matcher(get("/state"));
        assertThat(room.find()).isTrue();
        return Double.parseDouble(room.group(1));
    }

    @Test
    void aWrongRequestIsToldWhatIsAccepted() throws Exception {
        assertThat(post("/fault/nonsense")).contains("found nonsense, accepted sensor-stuck");
        assertThat(post("/door/open?room=9")).contains("room: found 9, accepted 1 to 2");
        assertThat(get("/elsewhere")).contains("accepted: GET /state");
        assertThatThrownBy(() -> client.readInputRegisters(1, new ReadInputRegistersRequest(5, 2)))
                .isInstanceOf(ModbusResponseException.class);
        assertThatThrownBy(() -> PlantMain.parse(new String[] {"--rooms", "248"}))
                .hasMessage("--rooms: found 248, accepted 0 to 247");
    }

    @Test
    void theLogIsBoundedToTwiceItsLimit() throws Exception {
        Path file = dir.resolve("small.log");
        try (PlantLog log = new PlantLog(file, 1000)) {
            for (int i = 0; i < 200; i++) {
                log.write(i, "\"n\":" + i);
            }
        }
        assertThat(Files.size(file)).isLessThanOrEqualTo(1000);
        assertThat(Files.size(dir.resolve("small.log.1"))).isLessThanOrEqualTo(1000);
        assertThat(Files.readString(file)).endsWith("{\"t\":199,\"n\":199}\n");
    }

    private double temperature() throws Exception {
        return temperature(client);
    }

    private static double temperature(ModbusTcpClient of) throws Exception {
        byte[] bytes =
                of.readInputRegisters(1, new ReadInputRegistersRequest(0, 1)).registers();
        return ByteBuffer.wrap(bytes).getShort() / 100.0;
    }

    private String get(String path) throws Exception {
        return send(HttpRequest.newBuilder().GET(), path);
    }

    private String post(String path) throws Exception {
        return send(HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.noBody()), path);
    }

    private String send(HttpRequest.Builder request, String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            request.uri(URI.create("http://127.0.0.1:" + control + path))
                                    .timeout(Duration.ofSeconds(30))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
