package dev.selvage.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the agent takes of its machine and of its link. */
final class FootprintBench implements Bench {
    private static final int MANY = 100;
    private static final Duration SETTLE = Duration.ofMinutes(4);
    /** IPv4 and TCP with the timestamps option, as Linux sends it. */
    private static final int HEADERS = 20 + 32;

    @Override
    public String name() {
        return "footprint";
    }

    @Override
    public String description() {
        return "proportional set size of agent and helpers; traffic of an idle linked node (--minutes N)";
    }

    /** One installation at a time: two agents would share pages, and each would look smaller than it is. */
    @Override
    public Report run(Context context) throws Exception {
        List<Figure> figures = new ArrayList<>();
        try (Installation installation = Installation.up(context)) {
            loaded(context, installation, figures);
        }
        try (Installation installation = Installation.up(context, "--no-examples")) {
            figures.addAll(traffic(context, installation));
        }
        return new Report(figures);
    }

    private static void loaded(Context context, Installation installation, List<Figure> figures) throws Exception {
        long minutes = context.duration().toMinutes();
        context.say("first-light runs for " + minutes + " min ...");
        TimeUnit.MINUTES.sleep(minutes);
        String load = "linked, first-light loaded, after " + minutes + " min";
        long agent = installation.pid("agent");
        figures.add(mib("PSS of the agent", Processes.pss(agent), load));
        figures.add(
                mib("PSS of agent and helpers", withHelpers(installation), load).atMost(64));
        try (Api api = installation.api();
                BenchPods pods = new BenchPods(api)) {
            context.say(MANY + " pods ...");
            for (int i = 0; i < MANY; i++) {
                pods.create(i);
            }
            for (int i = 0; i < MANY; i++) {
                pods.awaitRunning(i);
            }
            TimeUnit.SECONDS.sleep(SETTLE.toSeconds());
            String many = "first-light and " + MANY + " more process pods, for " + SETTLE.toSeconds() + " s";
            figures.add(mib("PSS of the agent with 100 pods", Processes.pss(agent), many));
            figures.add(mib("PSS of agent and helpers with 100 pods", withHelpers(installation), many)
                    .atMost(96));
        }
    }

    private static Figure mib(String name, long kib, String load) {
        return Figure.of(name, kib / 1024.0, "MiB", 1, "at the end", load);
    }

    /** The sandboxes' own processes, which outlive the agent, are its helpers; what the pods run in them is not. */
    private static long withHelpers(Installation installation) throws IOException {
        long sum = Processes.pss(installation.pid("agent"));
        for (long pid : Processes.named("bwrap")) {
            if (Processes.output(pid).startsWith(installation.home())) {
                sum += Processes.pss(pid);
            }
        }
        return sum;
    }

    private record Wire(long bytes, long segments) {}

    private static List<Figure> traffic(Context context, Installation installation) throws Exception {
        TimeUnit.SECONDS.sleep(30);
        long begun = System.nanoTime();
        Wire before = wire(installation);
        context.say("an idle node for " + context.duration().toMinutes() + " min ...");
        TimeUnit.MILLISECONDS.sleep(context.duration().toMillis());
        Wire after = wire(installation);
        double seconds = (System.nanoTime() - begun) / 1e9;
        long payload = after.bytes - before.bytes;
        long segments = after.segments - before.segments;
        String load = "no devices, no pods; both directions of the link's socket";
        double wire = (payload + segments * HEADERS) * 8 / 1000.0 / seconds;
        return List.of(
                Figure.of(
                                "idle link, with IP and TCP headers and acknowledgements",
                                wire,
                                "kbit/s",
                                Math.max(1, segments),
                                "mean",
                                load)
                        .atMost(0.25),
                Figure.of(
                        "idle link, TLS records only",
                        payload * 8 / 1000.0 / seconds,
                        "kbit/s",
                        Math.max(1, segments),
                        "mean",
                        load));
    }

    /** The kernel's counters of the agent's socket to the hub, as ss(8) shows them. */
    private static Wire wire(Installation installation) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "ss", "-tinHO", "state", "established", "dst", "127.0.0.1:" + installation.hubPort())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0 || output.isBlank()) {
            throw new IOException("ss shows no link: " + output);
        }
        return new Wire(
                counter(output, "bytes_sent") + counter(output, "bytes_received"),
                counter(output, "segs_out") + counter(output, "segs_in"));
    }

    private static long counter(String text, String name) {
        Matcher matcher = Pattern.compile("\\b" + name + ":(\\d+)").matcher(text);
        long sum = 0;
        while (matcher.find()) {
            sum += Long.parseLong(matcher.group(1));
        }
        return sum;
    }
}
