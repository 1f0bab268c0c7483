package dev.selvage.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The way from a device's answer through a Stream on the node to the write that it causes, by the device's own clock. */
final class LoopBench implements Bench {
    private static final int WARM = 100;
    private static final int CHANGES = 600;
    private static final String GROUP = "/apis/selvage.dev/v1alpha1";
    private static final String NAMESPACE = GROUP + "/namespaces/bench";

    @Override
    public String name() {
        return "loop";
    }

    @Override
    public String description() {
        return "device reading to device write on the node, beyond the poll interval";
    }

    @Override
    public Report run(Context context) throws Exception {
        try (ToggleDevice device = new ToggleDevice();
                Installation installation = Installation.up(context, "--no-examples");
                Api api = installation.api()) {
            declare(api, device.port());
            await(device, WARM);
            Samples before = device.samples();
            int skip = before.count();
            context.say("600 changes at 20 polls a second ...");
            await(device, skip + CHANGES);
            Samples measured = before.from(skip);
            String load = "one device polled each 50 ms, its input changes at each poll, one Stream without window";
            return new Report(List.of(
                    measured.figure("reading to write", 50, load),
                    measured.figure("reading to write", 99, load).atMost(5),
                    measured.figure("reading to write", 100, load)));
        }
    }

    private static void await(ToggleDevice device, int changes) throws IOException, InterruptedException {
        Until.within(
                Duration.ofMinutes(3),
                changes + " changes answered (" + device.polls() + " polls)",
                () -> device.samples().count() >= changes);
    }

    private static void declare(Api api, int port) throws IOException {
        api.namespace("bench");
        ObjectNode model = own("DeviceModel", "toggle");
        var properties = ((ObjectNode) model.path("spec")).putArray("properties");
        properties.addObject().put("name", "signal").put("type", "boolean");
        properties.addObject().put("name", "relay").put("type", "boolean").put("access", "readWrite");
        api.post(GROUP + "/devicemodels", model);

        ObjectNode stream = own("Stream", "follow");
        ObjectNode streamSpec = (ObjectNode) stream.path("spec");
        streamSpec.put("sql", "SELECT device, signal AS relay FROM `toggle`");
        streamSpec.putObject("sink").putObject("property");
        api.post(NAMESPACE + "/streams", stream);

        ObjectNode device = own("Device", "toggle-1");
        ObjectNode spec = (ObjectNode) device.path("spec");
        spec.put("model", "toggle").put("nodeName", Installation.NODE).put("interval", "50ms");
        spec.putObject("modbusTcp").put("host", "127.0.0.1").put("port", port).put("unit", 1);
        var points = spec.putArray("properties");
        points.addObject()
                .put("name", "signal")
                .putObject("modbusTcp")
                .put("table", "discrete")
                .put("address", 0);
        ObjectNode relay = points.addObject().put("name", "relay").put("authority", "stream/follow");
        relay.putObject("modbusTcp").put("table", "coil").put("address", 0);
        api.post(NAMESPACE + "/devices", device);
    }

    private static ObjectNode own(String kind, String name) {
        ObjectNode object =
                Json.object().put("apiVersion", "selvage.dev/v1alpha1").put("kind", kind);
        object.putObject("metadata").put("name", name);
        object.putObject("spec");
        return object;
    }
}
