package dev.selvage.bench.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.bench.Api;
import dev.selvage.bench.Context;
import dev.selvage.bench.Installation;
import dev.selvage.bench.Until;
import dev.selvage.model.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Kills agent, centre, database and plant at random while 30 pods run, 50 devices are polled, 20 Streams send windows up and clients write and watch; then looks
 * whether anything was lost, doubled or restarted.
 */
public final class Chaos {
    private static final int WRITERS = 2;
    private static final int POD_KILL_PERCENT = 20;

    /**
     * @param counts what was done and looked at, by name
     * @param violations what did not hold; empty when all did
     */
    public record Outcome(long seed, Map<String, Long> counts, long violated, List<String> violations) {}

    private final Context context;
    private final long seed;
    private final int rounds;
    private final Violations violations = new Violations();
    private final Map<String, Long> counts = new TreeMap<>();

    private Chaos(Context context, long seed, int rounds) {
        this.context = context;
        this.seed = seed;
        this.rounds = rounds;
    }

    /** @param seed the same one kills the same parts in the same order after the same pauses */
    public static Outcome run(Context context, long seed, int rounds) throws Exception {
        context.say("seed " + seed + ", " + rounds + " rounds");
        Chaos chaos = new Chaos(context, seed, rounds);
        try (Installation installation =
                Installation.up(context, "--rooms", Integer.toString(ChaosSite.unit(ChaosSite.DEVICES)))) {
            chaos.run(installation);
        }
        return new Outcome(seed, chaos.counts, chaos.violations.count(), chaos.violations.list());
    }

    private void run(Installation installation) throws Exception {
        try (Api api = installation.api()) {
            new ChaosSite(api, installation.modbusPort()).declare();
            ChaosPods pods = new ChaosPods(api, violations);
            pods.create();
            Random random = new Random(seed);
            Killer killer = new Killer(installation, api, random);
            try (PlantDiary plant = new PlantDiary(installation.home().resolve("plant/plant.log"), violations);
                    LiveWindows live = new LiveWindows(api, violations);
                    Follower configs =
                            new Follower(api, ConfigWriter.PATH, o -> Json.textAt(o, "data", "n"), violations);
                    Follower devices = new Follower(
                            api, ChaosSite.DEVICE_PATH, o -> Integer.toString(WishWriter.wished(o)), violations)) {
                List.of(plant, live, configs, devices).forEach(Background::start);
                long from = System.currentTimeMillis() + 20_000;
                List<ConfigWriter> writers = new ArrayList<>();
                for (int i = 0; i < WRITERS; i++) {
                    writers.add(new ConfigWriter(api, "w" + i, seed + i, violations));
                }
                WishWriter wishes = new WishWriter(api, seed + WRITERS, violations);
                writers.forEach(Background::start);
                wishes.start();
                kill(killer, pods, random);
                writers.forEach(Background::finish);
                wishes.finish();
                long ended = System.currentTimeMillis();
                settle(installation, api, pods, wishes, plant, ended);
                List.of(configs, devices, live, plant).forEach(Background::finish);
                plant.catchUp();
                audit(api, killer, pods, plant, live, configs, devices, writers, wishes, from, ended);
            }
        }
    }

    private void kill(Killer killer, ChaosPods pods, Random random) throws Exception {
        long begun = System.nanoTime();
        for (int round = 1; round <= rounds; round++) {
            boolean pod = random.nextInt(100) < POD_KILL_PERCENT;
            int killed = pod ? pods.killOne(random) : 0;
            String did = killer.round() + (killed > 0 ? ", a pod" : "");
            pods.check();
            context.say("round %d, %d s: %s; %d violations"
                    .formatted(round, (System.nanoTime() - begun) / 1_000_000_000, did, violations.count()));
        }
        counts.put("rounds", (long) rounds);
        counts.put("seconds", (System.nanoTime() - begun) / 1_000_000_000);
        killer.kills().forEach((victim, n) -> counts.put("killed " + victim, (long) n));
    }

    /** Waits until the node has told everything of the time before {@code ended}. */
    private void settle(
            Installation installation, Api api, ChaosPods pods, WishWriter wishes, PlantDiary plant, long ended)
            throws Exception {
        pods.settle();
        for (int device = 0; device < ChaosSite.DEVICES; device++) {
            wishes.wish(device, 300_000);
        }
        for (int device = 0; device < ChaosSite.DEVICES; device++) {
            int unit = ChaosSite.unit(device);
            int last = wishes.last(device);
            hold(ChaosSite.device(device) + " is written its last wish " + last, () -> {
                plant.catchUp();
                return plant.setpoints(unit).stream().anyMatch(e -> e.value() == last);
            });
        }
        hold("windows that ended after the last kill are stored", () -> stored(api) > ended + 10_000);
        hold("the lanes are drained", () -> waiting(installation) == 0);
    }

    /** Up to when every series has come up. */
    private static long stored(Api api) throws IOException {
        long least = Long.MAX_VALUE;
        for (JsonNode point : api.get(
                        "/apis/telemetry.selvage.dev/v1alpha1/namespaces/" + ChaosSite.NAMESPACE + "/latest?field=n")
                .path("points")) {
            least = Math.min(least, WindowAudit.millis(point, "end"));
        }
        return least == Long.MAX_VALUE ? 0 : least;
    }

    private static long waiting(Installation installation) throws IOException {
        long waiting = 0;
        for (JsonNode lane : installation.node("/lanes")) {
            waiting += lane.path("waiting").asLong();
        }
        return waiting;
    }

    private void hold(String what, Until.Condition condition) throws InterruptedException {
        try {
            Until.within(Duration.ofMinutes(2), what, condition);
        } catch (IOException e) {
            violations.add(String.valueOf(e.getMessage()));
        }
    }

    private void audit(
            Api api,
            Killer killer,
            ChaosPods pods,
            PlantDiary plant,
            LiveWindows live,
            Follower configs,
            Follower devices,
            List<ConfigWriter> writers,
            WishWriter wishes,
            long from,
            long to)
            throws IOException {
        for (ConfigWriter writer : writers) {
            writer.readBack();
            WriteAudit.check(writer, configs, violations);
        }
        WishAudit wishAudit = new WishAudit(plant, killer, violations);
        wishAudit.check(wishes, devices);
        WindowAudit windows = new WindowAudit(api, plant, killer, violations, from, to);
        windows.check();
        counts.put("killed pods", (long) pods.kills());
        counts.put(
                "writes acknowledged",
                wishes.acknowledged()
                        + writers.stream().mapToLong(ConfigWriter::acknowledged).sum());
        counts.put(
                "writes unanswered",
                wishes.unanswered()
                        + writers.stream().mapToLong(ConfigWriter::unanswered).sum());
        counts.put("events watched", configs.count() + devices.count());
        counts.put("watch connections", (long) configs.connections() + devices.connections());
        counts.put("wishes written to devices", wishAudit.written());
        counts.put("windows", windows.windows());
        counts.put("windows partial", windows.partial());
        counts.put("windows missing", windows.missing());
        counts.put("answers lost", windows.lost());
        counts.put("answers in windows", windows.answers());
        counts.put("gaps told", (long) windows.gapCount());
        counts.put("windows seen live", (long) live.count());
    }
}
