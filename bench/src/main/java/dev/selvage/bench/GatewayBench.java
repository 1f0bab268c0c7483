package dev.selvage.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node as a gateway of many Modbus devices, each on a connection of its own; whether the polls are late is judged by the devices. */
final class GatewayBench implements Bench {
    private static final int TAGS = 100;
    private static final int PERIOD_MILLIS = 1_000;
    private static final String GROUP = "/apis/selvage.dev/v1alpha1";

    /** The devices' process. */
    private record Fleet(Process process, BufferedReader output, Writer input, int port) implements AutoCloseable {
        static Fleet start(Context context) throws IOException {
            int port;
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            Process process = new ProcessBuilder(
                            context.jdk().resolve("bin/java").toString(),
                            "-XX:+UseSerialGC",
                            "-Xmx128m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            ModbusFleet.class.getName(),
                            Integer.toString(port))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Fleet fleet = new Fleet(process, process.inputReader(), process.outputWriter(), port);
            if (!"ready".equals(fleet.output.readLine())) {
                throw new IOException("the devices' process ended with "
                        + process.onExit().join().exitValue());
            }
            return fleet;
        }

        ObjectNode since() throws IOException {
            input.write(PERIOD_MILLIS + "\n");
            input.flush();
            return Json.parseObject(output.readLine());
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @Override
    public String name() {
        return "gateway";
    }

    @Override
    public String description() {
        return "10,000 Modbus tags at 1 s over 100 connections: late polls, memory and processor of the agent";
    }

    @Override
    public Report run(Context context) throws Exception {
        int devices = context.quick() ? 10 : 100;
        Duration time = Duration.ofSeconds(context.quick() ? 10 : 120);
        try (Fleet fleet = Fleet.start(context);
                Installation installation = Installation.up(context, "--no-examples");
                Api api = installation.api()) {
            context.say(devices + " devices of " + TAGS + " tags ...");
            declare(api, devices, fleet.port());
            awaitAll(fleet, devices);
            TimeUnit.SECONDS.sleep(context.quick() ? 5 : 60); // the compiler's work is that of the first minute
            fleet.since();
            long agent = installation.pid("agent");
            Duration busy = Processes.cpu(agent);
            long begun = System.nanoTime();
            context.say("measuring for " + time.toSeconds() + " s ...");
            TimeUnit.MILLISECONDS.sleep(time.toMillis());
            JsonNode seen = fleet.since();
            double core = Processes.cpu(agent).minus(busy).toNanos() * 100.0 / (System.nanoTime() - begun);
            return new Report(figures(seen, devices, core, Processes.pss(agent) / 1024.0));
        }
    }

    private static List<Figure> figures(JsonNode seen, int devices, double core, double mib) {
        String load = devices * TAGS + " tags at 1 s over " + devices + " connections, all change at each poll";
        long polls = seen.path("polls").asLong();
        double late = seen.path("late").asLong() + seen.path("missed").asLong();
        return List.of(
                Figure.of("polls late by more than 10 % of the period, or missed", late, "", polls, "total", load)
                        .atMost(0),
                Figure.of("lateness of a poll", seen.path("p99Millis").asDouble(), "ms", polls, "p99", load),
                Figure.of("lateness of a poll", seen.path("largestMillis").asDouble(), "ms", polls, "largest", load),
                Figure.of("tags polled", (double) polls * TAGS, "", polls, "total", load),
                Figure.of("PSS of the agent", mib, "MiB", 1, "at the end", load).atMost(100),
                Figure.of("processor time of the agent", core, "% of a core", 1, "mean", load)
                        .atMost(30));
    }

    private static void awaitAll(Fleet fleet, int devices) throws IOException, InterruptedException {
        Until.within(Duration.ofMinutes(3), devices + " devices are polled", () -> {
            ObjectNode seen = fleet.since();
            return seen.path("devices").asInt() == devices;
        });
    }

    private static void declare(Api api, int devices, int port) throws IOException {
        api.namespace(BenchObjects.NAMESPACE);
        ObjectNode model = own("DeviceModel", "meter");
        var properties = ((ObjectNode) model.path("spec")).putArray("properties");
        for (int tag = 0; tag < TAGS; tag++) {
            properties.addObject().put("name", "t" + tag).put("type", "integer");
        }
        api.post(GROUP + "/devicemodels", model);
        for (int i = 1; i <= devices; i++) {
            ObjectNode device = own("Device", "meter-" + i);
            ObjectNode spec = (ObjectNode) device.path("spec");
            spec.put("model", "meter").put("nodeName", Installation.NODE).put("interval", PERIOD_MILLIS + "ms");
            spec.putObject("modbusTcp")
                    .put("host", "127.2.0." + i)
                    .put("port", port)
                    .put("unit", 1);
            var points = spec.putArray("properties");
            for (int tag = 0; tag < TAGS; tag++) {
                points.addObject()
                        .put("name", "t" + tag)
                        .putObject("modbusTcp")
                        .put("table", "holding")
                        .put("address", tag);
            }
            api.post(GROUP + "/namespaces/" + BenchObjects.NAMESPACE + "/devices", device);
        }
    }

    private static ObjectNode own(String kind, String name) {
        ObjectNode object =
                Json.object().put("apiVersion", "selvage.dev/v1alpha1").put("kind", kind);
        object.putObject("metadata").put("name", name);
        object.putObject("spec");
        return object;
    }
}
