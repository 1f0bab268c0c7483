package dev.selvage.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The stream engine by itself, in JVMs of its own that may use one core. */
final class StreamBench implements Bench {
    private static final String LOAD =
            "one thread, one core, 100 devices at 100 Hz, 3 s warm, 5 rounds of 2 s of CPU time";
    /** As edge/agent/image.sh starts the agent: the first compiler only, a small heap. */
    private static final List<String> AGENT = List.of(
            "-XX:+UseSerialGC",
            "-Xms4m",
            "-Xmx40m",
            "-Xmn2m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseCompactObjectHeaders",
            "-XX:ActiveProcessorCount=1");

    private static final List<String> SERVER =
            List.of("-XX:+UseSerialGC", "-Xmx256m", "-XX:+UseCompactObjectHeaders", "-XX:ActiveProcessorCount=1");

    @Override
    public String name() {
        return "stream";
    }

    @Override
    public String description() {
        return "events per second of a one-second average over 100 devices; heap of 200 Streams";
    }

    @Override
    public Report run(Context context) throws Exception {
        context.say("with the agent's flags ...");
        JsonNode agent = child(context, AGENT, "events");
        context.say("with the optimising compiler ...");
        JsonNode server = child(context, SERVER, "events");
        context.say("200 Streams ...");
        JsonNode heap = child(context, SERVER, "heap");
        return new Report(List.of(
                rate("events/s, as the agent runs (C1, 40 MiB heap)", agent).atLeast(2_000_000),
                rate("events/s, optimising compiler (C2)", server).atLeast(2_000_000),
                Figure.of(
                                "heap of 200 Streams",
                                heap.path("mib").asDouble(),
                                "MiB",
                                1,
                                "after collection",
                                "200 Streams over 100 devices each, 200 s of readings at 10 Hz")
                        .atMost(64)));
    }

    private static Figure rate(String name, JsonNode measured) {
        return Figure.of(
                name,
                measured.path("median").asDouble(),
                "1/s",
                measured.path("rounds").asInt(),
                "median",
                LOAD);
    }

    private static JsonNode child(Context context, List<String> flags, String what)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("taskset", "-c", "0"));
        command.add(context.jdk().resolve("bin/java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), StreamLoad.class.getName(), what));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("the measuring process ended with " + process.exitValue() + ": " + output);
        }
        return Json.parseObject(output.strip());
    }
}
