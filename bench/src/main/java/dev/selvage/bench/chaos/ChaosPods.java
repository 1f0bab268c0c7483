package dev.selvage.bench.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.bench.Api;
import dev.selvage.bench.Installation;
import dev.selvage.bench.Processes;
import dev.selvage.bench.Until;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Thirty process pods, each one sleep of a number of seconds that tells it from all others; and the kernel's account of them. */
final class ChaosPods {
    static final int PODS = 30;
    private static final String PATH = "/api/v1/namespaces/" + ChaosSite.NAMESPACE + "/pods";
    /** A second death within ten minutes is answered by a back-off, which is another test's matter. */
    private static final long PAUSE_MILLIS = Duration.ofMinutes(11).toMillis();

    /** A process, by what no other one can have. */
    private record Identity(long pid, String startTicks) {}

    private final Api api;
    private final Violations violations;
    private final long marker = 2_000_000_000L + ProcessHandle.current().pid() * 1_000L;
    private final List<Identity> running = new ArrayList<>();
    private final int[] kills = new int[PODS];
    private final long[] killedAt = new long[PODS];

    ChaosPods(Api api, Violations violations) {
        this.api = api;
        this.violations = violations;
    }

    void create() throws IOException, InterruptedException {
        for (int i = 0; i < PODS; i++) {
            api.post(PATH, pod(i));
        }
        for (int i = 0; i < PODS; i++) {
            running.add(await(i));
        }
    }

    private ObjectNode pod(int number) {
        return Json.parseObject("""
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s", "namespace": "%s"},
                 "spec": {"runtimeClassName": "process", "hostNetwork": true, "nodeName": "%s", "terminationGracePeriodSeconds": 1,
                  "containers": [{"name": "main", "image": "host", "command": ["/usr/bin/sleep", "%d"]}]}}
                """.formatted(name(number), ChaosSite.NAMESPACE, Installation.NODE, marker + number));
    }

    private static String name(int number) {
        return "pod-" + number;
    }

    /** The pod's own process: the last of those that carry its argument, as the sandbox's carry it too. */
    private List<Identity> processes(int number) {
        return Processes.withArgument(Long.toString(marker + number)).stream()
                .filter(pid -> comm(pid).equals("sleep"))
                .map(pid -> new Identity(pid, startTicks(pid)))
                .toList();
    }

    private Identity await(int number) throws IOException, InterruptedException {
        Until.within(
                Duration.ofMinutes(2),
                name(number) + " runs",
                () -> processes(number).size() == 1);
        return processes(number).getFirst();
    }

    /** Kills one pod's process that was not killed lately; returns how many that was. */
    int killOne(Random random) {
        int number = random.nextInt(PODS);
        long now = System.currentTimeMillis();
        if (now - killedAt[number] < PAUSE_MILLIS) {
            return 0;
        }
        List<Identity> present = processes(number);
        if (present.size() != 1) {
            violations.add(name(number) + " has the processes " + present);
            return 0;
        }
        Processes.kill(List.of(present.getFirst().pid()));
        kills[number]++;
        killedAt[number] = now;
        return 1;
    }

    /** Those that were not killed are the same processes as at the beginning. */
    void check() {
        for (int i = 0; i < PODS; i++) {
            if (kills[i] == 0 && !processes(i).equals(List.of(running.get(i)))) {
                violations.add(
                        "%s was not killed; it was %s and is %s".formatted(name(i), running.get(i), processes(i)));
            }
        }
    }

    /** At the end, with centre and agent linked: each runs once, and was restarted as often as it was killed. */
    void settle() throws InterruptedException {
        check();
        for (int i = 0; i < PODS; i++) {
            int number = i;
            try {
                await(number);
                Until.within(
                        Duration.ofMinutes(2),
                        name(number) + " is restarted " + kills[number] + " times",
                        () -> restarts(number) == kills[number]);
            } catch (IOException e) {
                violations.add(e.getMessage() + ": found " + found(number));
            }
        }
    }

    private String found(int number) {
        try {
            return restarts(number) + " restarts, processes " + processes(number);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private int restarts(int number) throws IOException {
        JsonNode status = api.get(PATH + "/" + name(number)).at("/status/containerStatuses/0");
        return status.at("/state/running").isMissingNode()
                ? -1
                : status.path("restartCount").asInt(-1);
    }

    int kills() {
        return Arrays.stream(kills).sum();
    }

    private static String comm(long pid) {
        return read(pid, "comm").strip();
    }

    /** proc_pid_stat(5), field 22. */
    private static String startTicks(long pid) {
        String stat = read(pid, "stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        return fields.length > 19 ? fields[19] : "gone";
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException gone) {
            return "";
        }
    }
}
