package dev.selvage.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** From a request at the centre to its effect on the node. */
final class DeployBench implements Bench {
    private static final int PODS = 100;
    private static final int CHANGES = 100;
    private static final int WARM = 5;
    private static final String CONFIG = BenchPods.NAMESPACE + "/configmaps/settings";

    @Override
    public String name() {
        return "deploy";
    }

    @Override
    public String description() {
        return "a process pod from its creation to Running; a ConfigMap's change to the file on the node";
    }

    @Override
    public Report run(Context context) throws Exception {
        Samples starts = new Samples();
        Samples changes = new Samples();
        try (Installation installation = Installation.up(context, "--no-examples");
                Api api = installation.api();
                BenchPods pods = new BenchPods(api)) {
            context.say(PODS + " pods, one after another ...");
            for (int i = 0; i < WARM + PODS; i++) {
                long created = pods.create(i);
                long running = pods.awaitRunning(i);
                if (i >= WARM) {
                    starts.add(running - created);
                }
                pods.delete(i);
                gone(pods, i);
            }
            context.say(CHANGES + " changes of a ConfigMap ...");
            changes(installation, api, pods, changes);
        }
        String load = "one at a time, the one before is gone; node otherwise idle";
        String changing = "one at a time; file looked at each millisecond";
        return new Report(List.of(
                starts.figure("pod created to Running, seen by a watch", 50, load)
                        .atMost(150),
                starts.figure("pod created to Running, seen by a watch", 99, load)
                        .atMost(500),
                changes.figure("ConfigMap change to file on the node", 50, changing),
                changes.figure("ConfigMap change to file on the node", 99, changing)
                        .atMost(500)));
    }

    private static void gone(BenchPods pods, int number) throws IOException, InterruptedException {
        Until.within(
                Duration.ofSeconds(30),
                "pod " + number + " is gone",
                () -> pods.processes(number).isEmpty());
    }

    private static void changes(Installation installation, Api api, BenchPods pods, Samples samples)
            throws IOException, InterruptedException {
        ObjectNode config = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
        config.putObject("metadata").put("name", "settings");
        config.putObject("data").put("bench-value", "first");
        api.post(BenchPods.NAMESPACE + "/configmaps", config);
        ObjectNode volume = Json.object().put("name", "settings");
        volume.putObject("configMap").put("name", "settings");
        int number = WARM + PODS;
        pods.create(number, volume);
        pods.awaitRunning(number);
        Path file = projected(installation.home()).orElseThrow(() -> new IOException("the file is not on the node"));
        for (int i = 0; i < WARM + CHANGES; i++) {
            String value = "value-" + i;
            long start = System.nanoTime();
            api.merge(CONFIG, "{\"data\":{\"bench-value\":\"" + value + "\"}}");
            Until.within(
                    Duration.ofSeconds(30),
                    "the file changes",
                    () -> content(file).equals(value));
            if (i >= WARM) {
                samples.add(System.nanoTime() - start);
            }
        }
    }

    /** The name that stays while the directory behind it is swapped. */
    private static Optional<Path> projected(Path home) throws IOException {
        try (var files = Files.walk(home.resolve("node"))) {
            return files.filter(Files::isSymbolicLink)
                    .filter(file -> file.endsWith("bench-value"))
                    .findFirst();
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException swapped) {
            return "";
        }
    }
}
