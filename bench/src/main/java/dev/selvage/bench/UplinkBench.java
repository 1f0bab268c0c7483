package dev.selvage.bench;

import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Lanes;
import dev.selvage.lanes.LanesConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** How fast the lanes make records durable; each round in a directory of its own below {@code java.io.tmpdir}. */
final class UplinkBench implements Bench {
    private static final int RECORD = 100;
    private static final Duration TIME = Duration.ofSeconds(5);
    private static final int WRITERS = 64;
    /** Bounds that the load does not reach within its time, so that dropping is no part of the figure. */
    private static final LanesConfig WIDE =
            new LanesConfig(16L << 30, 1L << 30, 20L << 30, 16 << 20, 64 << 10, 128 << 10);

    @Override
    public String name() {
        return "uplink";
    }

    @Override
    public String description() {
        return "100-byte records made durable on the node per second, and drained into telemetry";
    }

    @Override
    public Report run(Context context) throws Exception {
        List<Figure> figures = new ArrayList<>();
        for (String segments : List.of("256 KiB", "16 MiB")) {
            LanesConfig config = segments.equals("16 MiB")
                    ? WIDE
                    : new LanesConfig(16L << 30, 1L << 30, 20L << 30, 256 << 10, 64 << 10, 128 << 10);
            context.say("one appender beside one fsync loop, segments of " + segments + " ...");
            figures.add(Context.inTemporary(directory -> new Report(List.of(Figure.of(
                            "durable records/s, segments of " + segments,
                            stream(directory, config),
                            "1/s",
                            1,
                            "mean of 5 s",
                            "one appender, open loop; fsyncs back to back"))))
                    .figures()
                    .getFirst()
                    .atLeast(100_000));
        }
        context.say(WRITERS + " writers that each wait for the disk ...");
        figures.addAll(Context.inTemporary(directory -> waiting(directory)).figures());
        figures.addAll(DrainLoad.measured(context));
        return new Report(figures);
    }

    /** Appending and syncing side by side; what counts is what the last sync has covered. */
    private static double stream(Path directory, LanesConfig config) throws Exception {
        byte[] record = new byte[RECORD];
        AtomicBoolean stop = new AtomicBoolean();
        try (Lanes lanes = Lanes.open(directory, config);
                ExecutorService syncer = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> syncing = syncer.submit(() -> {
                while (!stop.get()) {
                    lanes.sync();
                }
            });
            long begun = System.nanoTime();
            long end = begun + TIME.toNanos();
            long count = 0;
            while (System.nanoTime() < end) {
                for (int i = 0; i < 100; i++) {
                    taken(lanes.append(Lane.LIVE, record));
                }
                count += 100;
            }
            stop.set(true);
            syncing.get();
            lanes.sync();
            return count / ((System.nanoTime() - begun) / 1e9);
        }
    }

    private static Report waiting(Path directory) throws Exception {
        byte[] record = new byte[RECORD];
        Samples samples = new Samples();
        long begun = System.nanoTime();
        try (Lanes lanes = Lanes.open(directory, WIDE);
                ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                all.add(writers.submit(() -> {
                    while (System.nanoTime() - begun < TIME.toNanos()) {
                        long start = System.nanoTime();
                        taken(lanes.appendDurable(Lane.LIVE, record));
                        samples.add(System.nanoTime() - start);
                    }
                }));
            }
            await(all);
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        String load = WRITERS + " writers, closed loop, one record each";
        return new Report(List.of(
                Figure.of("durable records/s, waiting", samples.count() / seconds, "1/s", 1, "mean of 5 s", load),
                samples.figure("time to durable", 99, load)));
    }

    static void await(List<Future<?>> all) throws InterruptedException, ExecutionException {
        for (Future<?> each : all) {
            each.get();
        }
    }

    private static void taken(boolean taken) {
        if (!taken) {
            throw new IllegalStateException("the lanes dropped a record: the disk is full or failing");
        }
    }
}
