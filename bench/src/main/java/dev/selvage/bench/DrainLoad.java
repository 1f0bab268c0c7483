package dev.selvage.bench;

import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Lanes;
import dev.selvage.lanes.LanesConfig;
import dev.selvage.link.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a node that was offline for an hour has gathered, on its way through agent, hub and telemetry into PostgreSQL. The records are put into the lanes of
 * a real agent while it is stopped; how far they are is the lane's cursor in the database, which moves in the transaction that stores the points.
 */
final class DrainLoad {
    private static final Duration OFFLINE = Duration.ofHours(1);
    private static final int LIVE = 1_000;
    private static final int SERIES = 100;

    private final Context context;
    private final Installation installation;
    private final RawTable database;
    private final int backlog;

    /** What was seen while the lanes drained; KiB and nanoseconds. */
    private record Drained(
            double seconds, double backlogWhenLive, long agentKib, long centreFirstKib, long centreLastKib) {}

    private DrainLoad(Context context, Installation installation, RawTable database) {
        this.context = context;
        this.installation = installation;
        this.database = database;
        this.backlog = context.quick() ? 50_000 : 1_800_000;
    }

    static List<Figure> measured(Context context) throws Exception {
        try (Installation installation = Installation.up(context, "--no-examples");
                RawTable database = RawTable.in(installation)) {
            return new DrainLoad(context, installation, database).figures();
        }
    }

    private List<Figure> figures() throws Exception {
        installation.selvage("stop", "agent");
        context.say(backlog + " records of an hour without a centre ...");
        double bytes = fill();
        double live = cursor("live");
        double before = cursor("backlog");
        installation.selvage("start", "agent");
        context.say("draining ...");
        Drained drained = drain(before, live);
        String load = String.format(
                java.util.Locale.ROOT,
                "one node, %,d samples of %.0f bytes, %d series, an hour back; agent, hub, PostgreSQL with fsync",
                backlog,
                bytes,
                SERIES);
        return List.of(
                Figure.of("drained into telemetry", backlog / drained.seconds, "1/s", backlog, "mean", load)
                        .atLeast(50_000),
                Figure.of(
                                "backlog stored when the live lane's records were",
                                drained.backlogWhenLive * 100,
                                "%",
                                LIVE,
                                "total",
                                load + "; " + LIVE + " live records")
                        .atMost(10),
                Figure.of("PSS of the agent while draining", drained.agentKib / 1024.0, "MiB", 1, "largest", load)
                        .atMost(100),
                Figure.of(
                        "growth of the centre's PSS, second half of the draining",
                        (drained.centreLastKib - drained.centreFirstKib) / 1024.0,
                        "MiB",
                        1,
                        "total",
                        load));
    }

    /** Bytes of one record. */
    private double fill() throws IOException {
        long from = System.currentTimeMillis() - OFFLINE.toMillis();
        Path directory = installation.home().resolve("node/lanes");
        long bytes = 0;
        try (Lanes lanes = Lanes.open(directory, LanesConfig.standard())) {
            for (int i = 0; i < backlog; i++) {
                byte[] record = record(from + OFFLINE.toMillis() * i / backlog, i);
                bytes += record.length;
                append(lanes, Lane.BACKLOG, record);
                if (i % 50_000 == 0) {
                    lanes.sync();
                }
            }
            for (int i = 0; i < LIVE; i++) {
                append(lanes, Lane.LIVE, record(System.currentTimeMillis() - LIVE + i, i));
            }
            lanes.sync();
        }
        return bytes / (double) backlog;
    }

    private static void append(Lanes lanes, Lane lane, byte[] record) throws IOException {
        if (!lanes.append(lane, record)) {
            throw new IOException("lane " + lane + " dropped a record: the disk is full or failing");
        }
    }

    private static byte[] record(long millis, int number) {
        return Sample.newBuilder()
                .setNamespace("selvage-system")
                .setSource("node")
                .setKey(Installation.NODE)
                .setStartMillis(millis - 1_000)
                .setEndMillis(millis)
                .putValues("bench-of-the-uplink-figure-" + number % SERIES, number * 0.5)
                .build()
                .toByteArray();
    }

    private Drained drain(double before, double live) throws Exception {
        long agent = installation.pid("agent");
        long centre = installation.pid("centre");
        long largest = 0;
        double whenLive = -1;
        List<Long> centreKib = new ArrayList<>();
        Until.within(Duration.ofMinutes(2), "the backlog begins to drain", () -> stored("backlog") > before);
        long begun = System.nanoTime();
        double first = stored("backlog");
        double at = first;
        while (at < before + backlog) {
            if (System.nanoTime() - begun > Duration.ofMinutes(20).toNanos()) {
                throw new IOException("only " + (at - before) + " of " + backlog + " records came in 20 min");
            }
            if (whenLive < 0 && stored("live") >= live + LIVE) {
                whenLive = (at - before) / backlog;
            }
            largest = Math.max(largest, Processes.pss(agent));
            centreKib.add(Processes.pss(centre));
            TimeUnit.MILLISECONDS.sleep(50);
            at = stored("backlog");
        }
        double seconds = (System.nanoTime() - begun) / 1e9 * backlog / (before + backlog - first);
        return new Drained(
                seconds,
                whenLive < 0 ? 1 : whenLive,
                largest,
                centreKib.get(centreKib.size() / 2),
                centreKib.getLast());
    }

    private double stored(String lane) throws IOException {
        try {
            return cursor(lane);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private double cursor(String lane) throws SQLException {
        return database.number(
                "SELECT coalesce(max(next_sequence), 0) FROM telemetry_lane WHERE lane = '" + lane + "'");
    }
}
