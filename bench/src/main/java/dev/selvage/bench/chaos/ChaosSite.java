package dev.selvage.bench.chaos;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.bench.Api;
import dev.selvage.bench.Installation;
import dev.selvage.bench.Until;
import dev.selvage.model.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What is declared: 50 devices in five groups, each a room of the plant, and 20 Streams, one for each pair of a group and a window's size. A Stream tells of each
 * window how many answers of the device are in it, and the numbers of the first and the last: so each answer can be looked for.
 */
record ChaosSite(Api api, int modbusPort) {
    static final String NAMESPACE = "chaos";
    static final int DEVICES = 50;
    static final int STREAMS = 20;
    /** For which a device is waited for. */
    static final int TIMEOUT_MILLIS = 5_000;

    private static final int GROUPS = 5;
    private static final List<Integer> SECONDS = List.of(2, 4, 5, 10);
    private static final String OWN = "/apis/selvage.dev/v1alpha1";
    static final String DEVICE_PATH = OWN + "/namespaces/" + NAMESPACE + "/devices";

    static String device(int number) {
        return "room-" + number;
    }

    /** Unit 1 is the room of the example. */
    static int unit(int device) {
        return device + 2;
    }

    static String stream(int number) {
        return "windows-" + number;
    }

    static boolean reads(int stream, int device) {
        return device % GROUPS == stream % GROUPS;
    }

    static long windowMillis(int stream) {
        return SECONDS.get(stream % SECONDS.size()) * 1_000L;
    }

    void declare() throws IOException, InterruptedException {
        api.namespace(NAMESPACE);
        api.post(OWN + "/devicemodels", model());
        for (int i = 0; i < DEVICES; i++) {
            api.post(DEVICE_PATH, device0(i));
        }
        for (int i = 0; i < STREAMS; i++) {
            api.post(OWN + "/namespaces/" + NAMESPACE + "/streams", stream0(i));
        }
        Until.within(Duration.ofMinutes(2), "all devices are connected", () -> connected() == DEVICES);
    }

    private long connected() throws IOException {
        long count = 0;
        for (var device : api.get(DEVICE_PATH).path("items")) {
            count += device.path("status").toString().contains("\"Answering\"") ? 1 : 0;
        }
        return count;
    }

    private static ObjectNode model() {
        return Json.parseObject("""
                {"apiVersion": "selvage.dev/v1alpha1", "kind": "DeviceModel", "metadata": {"name": "chaos-room"},
                 "spec": {"properties": [
                  {"name": "temperature", "type": "number"}, {"name": "outdoor", "type": "number"},
                  {"name": "energy", "type": "integer"}, {"name": "answer", "type": "integer"},
                  {"name": "setpoint", "type": "integer", "access": "readWrite"}]}}""");
    }

    private ObjectNode device0(int number) {
        ObjectNode device = Json.parseObject("""
                {"apiVersion": "selvage.dev/v1alpha1", "kind": "Device",
                 "metadata": {"name": "%s", "namespace": "%s", "labels": {"group": "g%d"}},
                 "spec": {"model": "chaos-room", "nodeName": "%s", "interval": "1s",
                  "modbusTcp": {"host": "127.0.0.1", "port": %d, "unit": %d, "timeout": "%dms"}}}
                """.formatted(
                        device(number),
                        NAMESPACE,
                        number % GROUPS,
                        Installation.NODE,
                        modbusPort,
                        unit(number),
                        TIMEOUT_MILLIS));
        Json.child(device, "spec").set("properties", properties());
        return device;
    }

    private static ArrayNode properties() {
        return (ArrayNode) Json.parseObject("""
                {"all": [
                  {"name": "setpoint", "modbusTcp": {"table": "holding", "address": 0}, "authority": "centre"},
                  {"name": "temperature", "modbusTcp": {"table": "input", "address": 0, "type": "int16", "scale": 0.01}},
                  {"name": "outdoor", "modbusTcp": {"table": "input", "address": 1, "type": "int16", "scale": 0.01}},
                  {"name": "energy", "modbusTcp": {"table": "input", "address": 2, "type": "uint32"}},
                  {"name": "answer", "modbusTcp": {"table": "input", "address": 4, "type": "uint32"}}]}""").path("all");
    }

    private static ObjectNode stream0(int number) {
        return Json.parseObject("""
                {"apiVersion": "selvage.dev/v1alpha1", "kind": "Stream", "metadata": {"name": "%s", "namespace": "%s"},
                 "spec": {"deviceSelector": {"matchLabels": {"group": "g%d"}}, "sink": {"uplink": {"lane": "%s"}},
                  "sql": "SELECT device, window_start, window_end, COUNT(answer) AS n, MIN(answer) AS lo, MAX(answer) AS hi FROM \
                TABLE(TUMBLE(TABLE `chaos-room`, DESCRIPTOR(ts), INTERVAL '%d' SECOND)) GROUP BY device, window_start, window_end"}}
                """.formatted(
                        stream(number),
                        NAMESPACE,
                        number % GROUPS,
                        number % 7 == 0 ? "alarm" : "live",
                        windowMillis(number) / 1_000));
    }
}
