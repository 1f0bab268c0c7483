package dev.selvage.bench.chaos;

import dev.selvage.bench.Api;
import dev.selvage.bench.Installation;
import dev.selvage.bench.Processes;
import dev.selvage.bench.Until;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Kills parts with SIGKILL, one by one and together, at random times, and starts them again as an operator would. */
final class Killer {
    /** What one round kills, and out of a hundred rounds how many do so. */
    enum Target {
        AGENT(20, "agent"),
        CENTRE(15, "centre"),
        DATABASE(10, "database"),
        CENTRE_AND_DATABASE(10, "centre-tree"),
        PLANT(13, "plant"),
        AGENT_AND_CENTRE(10, "agent centre"),
        AGENT_AND_PLANT(8, "agent plant"),
        CENTRE_AND_PLANT(5, "centre plant"),
        ALL(9, "agent centre-tree plant");

        private final int weight;
        /** Separated by blanks. */
        private final String victims;

        Target(int weight, String victims) {
            this.weight = weight;
            this.victims = victims;
        }

        static Target pick(Random random) {
            int left = random.nextInt(100);
            for (Target target : values()) {
                left -= target.weight;
                if (left < 0) {
                    return target;
                }
            }
            return ALL;
        }
    }

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Installation installation;
    private final Api api;
    private final Random random;
    private final List<Outage> outages = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> kills = new TreeMap<>();

    Killer(Installation installation, Api api, Random random) {
        this.installation = installation;
        this.api = api;
        this.random = random;
    }

    /** One round; returns what it did, in words. */
    String round() throws Exception {
        Target target = Target.pick(random);
        List<String> victims = new ArrayList<>(List.of(target.victims.split(" ")));
        Collections.shuffle(victims, random);
        // every number is drawn before anything runs at once: the seed gives the same round again
        List<Integer> away = victims.stream().map(v -> random.nextInt(1_200)).toList();
        List<Integer> again = victims.stream()
                .map(v -> random.nextInt(100) < 15 ? 150 + random.nextInt(1_500) : 0)
                .toList();
        List<Integer> between = victims.stream().map(v -> random.nextInt(250)).toList();
        try (ExecutorService starts = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outage>> pending = new ArrayList<>();
            for (int i = 0; i < victims.size(); i++) {
                String victim = victims.get(i);
                int pause = away.get(i);
                int second = again.get(i);
                long killed = System.currentTimeMillis();
                kill(victim);
                pending.add(starts.submit(restart(victim, killed, pause, second)));
                TimeUnit.MILLISECONDS.sleep(between.get(i));
            }
            for (Future<Outage> one : pending) {
                outages.add(one.get());
            }
        } catch (ExecutionException e) {
            throw new IOException(target + " could not be started again: " + e.getCause(), e);
        }
        TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(1_200));
        return target + (again.stream().anyMatch(a -> a > 0) ? ", again while starting" : "");
    }

    private Callable<Outage> restart(String victim, long killed, int pause, int second) {
        return () -> {
            TimeUnit.MILLISECONDS.sleep(pause);
            if (victim.equals("database")) {
                // nobody starts it but the centre itself
                Until.within(LIMIT, "the centre answers again", this::ready);
                return new Outage(victim, killed, killed, System.currentTimeMillis());
            }
            String part = victim.equals("centre-tree") ? "centre" : victim;
            if (second > 0) {
                interruptedStart(part, second);
            }
            long begun = System.currentTimeMillis();
            start(part);
            return new Outage(part, killed, begun, System.currentTimeMillis());
        };
    }

    /** The command gives up after a minute, the part does not: on a busy machine it is asked once more. */
    private void start(String part) throws IOException {
        try {
            installation.selvage("start", part);
        } catch (IOException slow) {
            installation.selvage("start", part);
        }
    }

    /** Kills the part while it starts. */
    private void interruptedStart(String part, int afterMillis) throws InterruptedException, IOException {
        long before = installation.pid(part);
        Thread starting = Thread.ofVirtual().start(() -> {
            try {
                installation.selvage("start", part);
            } catch (IOException killed) {
                // as it was meant to be
            }
        });
        Until.within(LIMIT, part + " is being started", () -> pid(part) != before || !starting.isAlive());
        TimeUnit.MILLISECONDS.sleep(afterMillis);
        kill(part);
        starting.join();
    }

    private long pid(String part) {
        try {
            return installation.pid(part);
        } catch (IOException | RuntimeException half) {
            return -1;
        }
    }

    private void kill(String victim) throws IOException {
        count(victim);
        switch (victim) {
            case "database" -> Processes.kill(List.of(postmaster()));
            case "centre-tree" -> {
                long pid = installation.pid("centre");
                List<Long> all = new ArrayList<>(ProcessHandle.of(pid).stream()
                        .flatMap(ProcessHandle::descendants)
                        .map(ProcessHandle::pid)
                        .toList());
                all.addFirst(pid);
                Processes.kill(all);
            }
            default -> installation.kill(victim);
        }
    }

    private synchronized void count(String victim) {
        kills.merge(victim, 1, Integer::sum);
    }

    /** First line of postmaster.pid (PostgreSQL documentation, "Database File Layout"). */
    private long postmaster() throws IOException {
        Path file = installation.home().resolve("centre/postgres/data/postmaster.pid");
        return Long.parseLong(Files.readAllLines(file).getFirst().strip());
    }

    private boolean ready() {
        try {
            return api.call("GET", "/readyz", "", "").status() == 200
                    && api.call("GET", ConfigWriter.PATH + "?limit=1", "", "").status() == 200;
        } catch (IOException away) {
            return false;
        }
    }

    List<Outage> outages(String part) {
        synchronized (outages) {
            return outages.stream().filter(o -> o.part().equals(part)).toList();
        }
    }

    /** What was away within half a minute of a time. */
    List<Outage> near(long time) {
        synchronized (outages) {
            return outages.stream()
                    .filter(o -> o.touches(time - 30_000, time + 30_000))
                    .toList();
        }
    }

    synchronized Map<String, Integer> kills() {
        return new TreeMap<>(kills);
    }
}
