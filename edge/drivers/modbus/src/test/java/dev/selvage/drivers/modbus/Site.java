package dev.selvage.drivers.modbus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.devices.Authorities;
import dev.selvage.devices.DeviceListener;
import dev.selvage.devices.Devices;
import dev.selvage.devices.DevicesConfig;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import dev.selvage.sim.plant.Plant;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A plant with its real Modbus server, and the devices module polling it; what it tells is recorded. */
final class Site implements AutoCloseable, DeviceListener {
    static final Map<String, ObjectNode> MODELS = Map.of("cold-room", Json.parseObject("""
            {"metadata": {"name": "cold-room"}, "spec": {"properties": [
              {"name": "temperature", "type": "number", "unit": "Cel", "range": {"min": -40, "max": 80}},
              {"name": "outdoor", "type": "number"}, {"name": "energy", "type": "integer"},
              {"name": "door", "type": "boolean"},
              {"name": "compressor", "type": "boolean", "access": "readWrite"}]}}"""));

    record Status(String device, ObjectNode status, long nanos) {
        String connected() {
            return status.at("/conditions/0/status").asText();
        }

        JsonNode property(String name) {
            for (JsonNode property : status.path("properties")) {
                if (property.path("name").asText().equals(name)) {
                    return property;
                }
            }
            return Json.object();
        }
    }

    final List<DeviceReading> readings = new CopyOnWriteArrayList<>();
    final List<Status> statuses = new CopyOnWriteArrayList<>();
    final List<String> events = new CopyOnWriteArrayList<>();
    final Path dir;
    final int modbusPort = freePort();
    final int controlPort = freePort();
    final Plant plant;
    Devices devices;
    volatile Optional<Set<String>> streamInputs = Optional.empty();
    /** Of the devices made from now on: short for a test in which they fall silent, long for one in which they must not. */
    String timeout = "300ms";

    private final Clock clock;

    Site(Path dir, Clock clock, int rooms) throws IOException {
        this.dir = dir;
        this.clock = clock;
        plant = Plant.start(new Plant.Options(modbusPort, controlPort, dir.resolve("plant.log"), 3, rooms));
        devices = open();
    }

    Site(Path dir) throws IOException {
        this(dir, Clock.systemUTC(), 3);
    }

    private Devices open() throws IOException {
        DevicesConfig config = new DevicesConfig(
                dir.resolve("devices"), clock, Duration.ofMillis(50), Duration.ofMillis(400), Duration.ofMinutes(1));
        Authorities authorities = (namespace, stream) -> streamInputs;
        return Devices.open(config, List.of(new ModbusTcpDriver()), authorities, this);
    }

    /** As a restart of the agent would, without telling the devices. */
    void restartDevices() throws IOException {
        restartDevices(true);
    }

    void restartDevices(boolean closeFirst) throws IOException {
        if (closeFirst) {
            devices.close();
        }
        devices = open();
    }

    /** A Device of room {@code unit}; {@code compressor} are more members of its compressor property. */
    ObjectNode room(int unit, String interval, String compressor) {
        return Json.parseObject("""
                {"apiVersion": "selvage.dev/v1alpha1", "kind": "Device",
                 "metadata": {"name": "room-%d", "namespace": "ns", "uid": "uid-%d", "labels": {"floor": "1"}},
                 "spec": {"model": "cold-room", "interval": "%s",
                  "modbusTcp": {"host": "127.0.0.1", "port": %d, "unit": %d, "timeout": "%s"},
                  "properties": [
                   {"name": "temperature", "modbusTcp": {"table": "input", "address": 0, "type": "int16", "scale": 0.01}},
                   {"name": "outdoor", "modbusTcp": {"table": "input", "address": 1, "type": "int16", "scale": 0.01}},
                   {"name": "energy", "modbusTcp": {"table": "input", "address": 2, "type": "uint32"}},
                   {"name": "door", "modbusTcp": {"table": "discrete", "address": 0}},
                   {"name": "compressor", "modbusTcp": {"table": "coil", "address": 0}%s}]}}""".formatted(unit, unit, interval, modbusPort, unit, timeout, compressor));
    }

    void desired(ObjectNode... objects) {
        devices.desired(List.of(objects), MODELS);
    }

    Stream<Status> statusesOf(String device) {
        return statuses.stream().filter(s -> s.device.equals(device));
    }

    Status lastStatus(String device) {
        return statusesOf(device).reduce((a, b) -> b).orElse(new Status(device, Json.object(), 0));
    }

    JsonNode twin(String device, String property) {
        return devices.twin("ns", device).orElseThrow().path("properties").path(property);
    }

    List<DeviceReading> readingsOf(String device) {
        return readings.stream().filter(r -> r.device().equals(device)).toList();
    }

    /** What clients wrote to the plant's coils, as its log has it. */
    List<String> plantWrites() throws IOException {
        try (Stream<String> lines = java.nio.file.Files.lines(dir.resolve("plant.log"))) {
            return lines.filter(line -> line.contains("\"write\"")).toList();
        }
    }

    void control(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            int status = http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + controlPort + path))
                                    .POST(HttpRequest.BodyPublishers.noBody())
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            if (status != 200) {
                throw new AssertionError(path + " answered " + status);
            }
        }
    }

    /** Waits until a condition holds, at most a minute: only a failure takes that long. */
    static void eventually(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within a minute: " + what);
            }
            Thread.sleep(10);
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void reading(DeviceReading reading) {
        readings.add(reading);
    }

    @Override
    public void status(ObjectKey key, String uid, ObjectNode status) {
        statuses.add(new Status(key.name(), status, System.nanoTime()));
    }

    @Override
    public void event(ObjectKey key, String uid, String type, String reason, String message) {
        events.add(reason + " " + message);
    }

    List<String> eventsSoFar() {
        return new ArrayList<>(events);
    }

    @Override
    public void close() throws IOException {
        devices.close();
        plant.close();
    }
}
