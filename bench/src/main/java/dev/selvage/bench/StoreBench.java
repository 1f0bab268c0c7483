package dev.selvage.bench;

import dev.selvage.cli.Kubeconfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Creations through the API beside plain inserts into the same PostgreSQL, in the same run; then what watchers see, and when. */
final class StoreBench implements Bench {
    private static final int ROUNDS = 2;

    @Override
    public String name() {
        return "store";
    }

    @Override
    public String description() {
        return "3 KB objects created per second through the API, beside raw group commits; event to watcher";
    }

    @Override
    public Report run(Context context) throws Exception {
        List<Figure> figures = new ArrayList<>();
        Duration turn = Duration.ofSeconds(context.quick() ? 2 : 5);
        try (Installation installation = Installation.up(context, "--no-examples");
                RawTable raw = RawTable.in(installation);
                Api api = installation.api()) {
            api.namespace(BenchObjects.NAMESPACE);
            Kubeconfig config = installation.kubeconfig();
            context.say("warming ...");
            Load load = new Load(config);
            load.create(16, Duration.ofSeconds(context.quick() ? 3 : 60), new Samples());
            for (int writers : new int[] {1, 8, 64}) {
                context.say(writers + " writers ...");
                figures.addAll(beside(load, raw, writers, turn));
            }
            int watches = context.quick() ? 100 : 1_000;
            context.say(watches + " watches ...");
            figures.addAll(WatchLoad.measured(config, watches, context.quick() ? 100 : 1_000));
        }
        return new Report(figures);
    }

    /** Turns about, so that a disk that changes its pace does so for both. */
    private static List<Figure> beside(Load load, RawTable table, int writers, Duration turn) throws Exception {
        Samples samples = new Samples();
        double objects = 0;
        double raw = 0;
        double whole = 0;
        double wal = 0;
        double rawWal = 0;
        double group = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double begun = table.wal();
            double rows = table.insert(RawTable.PLAIN, writers, turn);
            double between = table.wal();
            whole += table.insert(RawTable.WHOLE, writers, turn) / ROUNDS;
            double after = table.wal();
            int before = samples.count();
            objects += load.create(writers, turn, samples) / ROUNDS;
            raw += rows / ROUNDS;
            rawWal += (between - begun) / (rows * turn.toMillis() / 1e3) / ROUNDS;
            wal += (table.wal() - after) / (samples.count() - before) / ROUNDS;
            group += table.number(load.groups()) / ROUNDS;
        }
        String how = writers + " at once, closed loop, 3 KB creations through the API, fsync on";
        String rows = "one connection, commits of " + writers + " rows back to back";
        String turns = "mean of " + turn.toSeconds() + " s";
        String of = ", " + writers + (writers == 1 ? " writer" : " writers");
        return List.of(
                Figure.of("objects/s" + of, objects, "1/s", ROUNDS, turns, how),
                samples.figure("write" + of, 99, how),
                Figure.of("raw rows/s" + of, raw, "1/s", ROUNDS, turns, rows),
                Figure.of("ratio" + of, objects / raw, "", ROUNDS, "of means", how)
                        .atLeast(0.7),
                Figure.of(
                        "raw rows/s, stored whole" + of,
                        whole,
                        "1/s",
                        ROUNDS,
                        turns,
                        rows + ", stored as the change log's"),
                Figure.of("ratio to rows stored whole" + of, objects / whole, "", ROUNDS, "of means", how),
                Figure.of("objects in a commit" + of, group, "", ROUNDS, "mean", how),
                Figure.of("WAL of an object" + of, wal, "KiB", ROUNDS, "mean", how),
                Figure.of("WAL of a raw row" + of, rawWal, "KiB", ROUNDS, "mean", rows));
    }

    /** Writers in a closed loop, each with a connection and an address of its own. */
    static final class Load {
        private final Kubeconfig config;
        private int series;

        Load(Kubeconfig config) {
            this.config = config;
        }

        /** Creations per second. */
        double create(int writers, Duration time, Samples samples) throws Exception {
            return create(writers, time, Long.MAX_VALUE, samples);
        }

        double create(int writers, Duration time, long most, Samples samples) throws Exception {
            int run = series++;
            List<Line> lines = lines(writers);
            AtomicLong count = new AtomicLong();
            long begun = System.nanoTime();
            try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (Line line : lines) {
                    String text = BenchObjects.text();
                    all.add(executor.submit(() -> {
                        long number = count.incrementAndGet();
                        while (System.nanoTime() - begun < time.toNanos() && number <= most) {
                            byte[] request = line.post(
                                    BenchObjects.PATH, BenchObjects.json("c" + run + "-" + number, "none", text));
                            long start = System.nanoTime();
                            line.drain(request);
                            samples.add(System.nanoTime() - start);
                            number = count.incrementAndGet();
                        }
                        return null;
                    }));
                }
                UplinkBench.await(all);
            } finally {
                lines.forEach(Line::close);
            }
            return (count.get() - writers) / ((System.nanoTime() - begun) / 1e9);
        }

        private List<Line> lines(int count) throws IOException {
            List<Line> lines = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                lines.add(Line.open(config, i + 1));
            }
            for (Line line : lines) {
                line.drain(line.get(BenchObjects.PATH + "?limit=1")); // the handshake is no part of the figure
            }
            return lines;
        }

        /** The size of the last run's commits: a row's xmin is the transaction that wrote it (PostgreSQL 18, 5.6). */
        String groups() {
            return "SELECT count(*)::float8 / count(DISTINCT xmin::text) FROM change WHERE name LIKE 'c" + (series - 1)
                    + "-%'";
        }
    }
}
