package dev.selvage.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A node's power cut, as far as processes go: agent and pods are killed, the centre is away, and the agent starts. */
final class RecoveryBench implements Bench {
    private static final int PODS = 20;
    private static final int ROUNDS = 3;

    @Override
    public String name() {
        return "recovery";
    }

    @Override
    public String description() {
        return "agent and 20 pods killed, the agent starts without a centre: last pod up";
    }

    @Override
    public Report run(Context context) throws Exception {
        List<Double> seconds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            seconds.add(round(context));
        }
        return new Report(List.of(Figure.of(
                        "last of 20 pods up",
                        seconds.stream().mapToDouble(s -> s).max().orElseThrow(),
                        "s",
                        ROUNDS,
                        "worst",
                        "kill -9 of centre, agent and pods; from `selvage start agent` on, its own start included")
                .atMost(10)));
    }

    /** An installation of its own, since a second death within ten minutes backs off. */
    private static double round(Context context) throws Exception {
        try (Installation installation = Installation.up(context, "--no-examples");
                Api api = installation.api();
                BenchPods pods = new BenchPods(api)) {
            for (int i = 0; i < PODS; i++) {
                pods.create(i);
            }
            for (int i = 0; i < PODS; i++) {
                pods.awaitRunning(i);
            }
            installation.kill("centre");
            installation.kill("agent");
            IntStream.range(0, PODS).forEach(i -> Processes.kill(pods.processes(i)));
            context.say("all killed; starting the agent ...");
            long start = System.nanoTime();
            Thread starting = Thread.ofPlatform().daemon().start(() -> {
                try {
                    installation.selvage("start", "agent");
                } catch (IOException e) {
                    context.say("the agent did not start: " + e.getMessage());
                }
            });
            Set<String> own = IntStream.range(0, PODS).mapToObj(pods::argument).collect(Collectors.toSet());
            // a pod's own process, not only the sandbox that will start it
            Until.within(
                    Duration.ofMinutes(2),
                    "all pods are up",
                    () -> Processes.argumentsOf("sleep").containsAll(own));
            double seconds = (System.nanoTime() - start) / 1e9;
            starting.join();
            return seconds;
        }
    }
}
