package dev.selvage.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Issue 3, "Torn files", with the whole agent: its state damaged in 20 sampled ways while it is down and its pods run. Each time it comes up, its pods are the same
 * processes, it serves nothing that is wrong, and it says what it lost.
 */
class TornAgentTest {
    private static final int SAMPLES = 20;
    private static final Duration LIMIT = Eventually.LIMIT;
    private static final long SEED = Long.getLong("selvage.seed", System.nanoTime());

    @TempDir
    Path directory;

    private final Random random = new Random(SEED);
    private Path node = Path.of("");
    private Map<String, List<String>> names = Map.of();
    private Map<String, Long> pids = Map.of();

    @Test
    void anAgentWhoseStateIsTornComesUpKeepsItsPodsAndSaysWhatItLost() throws Exception {
        System.out.println("TornAgentTest: -Dselvage.seed=" + SEED);
        try (Selvage selvage = new Selvage(directory.resolve("home")).up()) {
            selvage.kubectlWithInput(new ShellPod("second", ShellPod.FOREVER).manifest(), "apply", "-f", "-")
                    .succeeded();
            node = selvage.home().resolve("node");
            Eventually.within(
                    LIMIT,
                    "two pods run",
                    () -> podPids(selvage.node("/status")).size() >= 2
                            && podPids(selvage.node("/status")).values().stream()
                                    .allMatch(pid -> pid > 0));
            names = names(selvage.node("/status"));
            pids = podPids(selvage.node("/status"));
            selvage.kill9("centre");
            selvage.kill9("agent");
            Map<Path, byte[]> state = state();
            assertThat(state.keySet().stream().map(p -> p.getFileName().toString()))
                    .contains(
                            "slice.db", "slice.mark", "identity.pem", "pod.json", "windows", "plans", "pod-tokens.key");
            List<Path> files = List.copyOf(state.keySet());
            for (int sample = 0; sample < SAMPLES; sample++) {
                Path file = sample < files.size() ? files.get(sample) : files.get(random.nextInt(files.size()));
                restore(state);
                tearAndStart(file, sample);
            }
            restore(state);
            theCentreMakesItWholeAgain(selvage);
        }
    }

    private void tearAndStart(Path file, int sample) throws IOException {
        String what = tear(file);
        Path log = directory.resolve("agent-" + sample + ".log");
        try (LoneAgent agent = LoneAgent.start(node, log)) {
            ObjectNode first = agent.awaitStatus();
            assertThat(subset(names(first), names)).as(what + ": " + first).isTrue();
            Eventually.within(
                    LIMIT,
                    what + ": the same processes are found again",
                    () -> pids.equals(podPids(agent.get("/status"))));
            ObjectNode status = agent.get("/status");
            String health = status.path("health").toString();
            if (!names(status).equals(names)) {
                assertThat(health).as(what).containsAnyOf("set aside", "is of an earlier time");
            }
            if (file.toString().contains("identity/") && !file.endsWith("trusted-time")) {
                Eventually.within(
                        LIMIT,
                        what + ": what to do is said",
                        () -> agent.get("/status").path("health").toString().contains("join with a new token"));
            }
            if (List.of("slice.mark", "pod.json", "windows", "plans", "pod-tokens.key", "writes")
                    .contains(file.getFileName().toString())) {
                assertThat(health).as(what).contains(file.getFileName() + ".damaged-");
                assertThat(LoneAgent.run("status", "--home", node.toString())
                                .succeeded()
                                .output())
                        .as(what)
                        .contains("set aside");
            }
            assertThat(agent.isAlive()).as(what + "\n" + agent.log()).isTrue();
        }
        assertThat(damaged()).as(what).hasSizeLessThanOrEqualTo(3);
    }

    /** A row of the slice is hit: told as an event and a condition, asked for again, and everything is as before. */
    private void theCentreMakesItWholeAgain(Selvage selvage) throws IOException {
        Path slice = node.resolve("slice.db");
        Files.deleteIfExists(node.resolve("slice.db-wal"));
        byte[] bytes = Files.readAllBytes(slice);
        Files.write(slice, Arrays.copyOf(bytes, bytes.length / 2));
        selvage.selvage("start", "agent").succeeded();
        Eventually.within(
                LIMIT, "the pods go on without the slice", () -> pids.equals(podPids(selvage.node("/status"))));
        selvage.selvage("start", "centre").succeeded();
        Eventually.within(LIMIT, "everything is there again", () -> {
            ObjectNode status = selvage.node("/status");
            return status.path("linked").asBoolean()
                    && names(status).equals(names)
                    && podPids(status).equals(pids);
        });
        assertThat(selvage.selvage("node", "status").output()).contains("slice.db.damaged-");
        Eventually.within(
                LIMIT,
                "the event at the centre",
                () -> selvage.kubectl("get", "events", "-A").output().contains("slice.db.damaged-"));
        Eventually.within(
                LIMIT,
                "the condition at the centre",
                () -> selvage.kubectl("get", "nodes", "-o", "yaml").output().contains("slice.db.damaged-"));
        assertThat(podPids(selvage.node("/status"))).isEqualTo(pids);
    }

    /** A bit of a byte that says something, or the end of the file from some byte on. */
    private String tear(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int at = random.nextInt(bytes.length);
        for (int tries = 0; bytes[at] == 0 && tries < 1000; tries++) {
            at = random.nextInt(bytes.length);
        }
        if (random.nextInt(3) == 0) {
            Files.write(file, Arrays.copyOf(bytes, at));
            return file + " cut to " + at + " of " + bytes.length + ", seed " + SEED;
        }
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, bytes);
        return file + " with a flipped bit in byte " + at + " of " + bytes.length + ", seed " + SEED;
    }

    /** All that the agent has on the disk and needs again, but what others write: logs, and the programs' own files. */
    private Map<Path, byte[]> state() throws IOException {
        Map<Path, byte[]> state = new TreeMap<>();
        try (Stream<Path> files = Files.walk(node)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = node.relativize(file).toString();
                if (name.matches(
                                "slice\\.(db(-wal)?|mark)|pod-tokens\\.key|(streams|devices|identity|lanes|pods)/.*|process/runs/.*/identity")
                        && !name.contains("/volumes/")
                        && Files.size(file) > 0) {
                    state.put(file, Files.readAllBytes(file));
                }
            }
        }
        return state;
    }

    private void restore(Map<Path, byte[]> state) throws IOException {
        for (Path file : damaged()) {
            Files.delete(file);
        }
        Files.deleteIfExists(node.resolve("slice.db-wal"));
        for (Map.Entry<Path, byte[]> file : state.entrySet()) {
            Files.createDirectories(file.getKey().getParent());
            Files.write(file.getKey(), file.getValue());
        }
    }

    private List<Path> damaged() throws IOException {
        try (Stream<Path> files = Files.walk(node)) {
            return files.filter(f -> f.getFileName().toString().contains(".damaged-"))
                    .toList();
        }
    }

    private static Map<String, List<String>> names(ObjectNode status) {
        Map<String, List<String>> names = new TreeMap<>();
        for (String what : List.of("pods", "devices", "streams")) {
            List<String> here = new ArrayList<>();
            status.path(what).forEach(one -> here.add(Json.textAt(one, "namespace") + "/" + Json.textAt(one, "name")));
            here.sort(null);
            names.put(what, here);
        }
        return names;
    }

    private static boolean subset(Map<String, List<String>> some, Map<String, List<String>> all) {
        return some.entrySet().stream()
                .allMatch(e -> all.getOrDefault(e.getKey(), List.of()).containsAll(e.getValue()));
    }

    private static Map<String, Long> podPids(ObjectNode status) {
        Map<String, Long> pids = new TreeMap<>();
        for (JsonNode pod : status.path("pods")) {
            pids.put(
                    Json.textAt(pod, "name"),
                    pod.path("containers").path(0).path("pid").asLong());
        }
        return pids;
    }
}
