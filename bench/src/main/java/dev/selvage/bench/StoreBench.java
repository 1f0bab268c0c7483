package dev.selvage.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.store.EmbeddedPostgres;
import dev.selvage.store.Resources;
import dev.selvage.store.Store;
import dev.selvage.store.StoreConfig;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Creations through the store's write path beside plain inserts into the same PostgreSQL, in the same run. */
final class StoreBench implements Bench {
    private static final Duration WARM = Duration.ofSeconds(3);
    private static final Duration TIME = Duration.ofSeconds(5);
    private static final int OBJECT_BYTES = 3_000;
    private static final int ROUNDS = 2;
    private static final String WAL_KIB = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') / 1024";

    private final Random random = new Random(3);
    private int series;

    @Override
    public String name() {
        return "store";
    }

    @Override
    public String description() {
        return "3 KB objects created per second with 1, 8 and 64 writers, beside raw group commits";
    }

    @Override
    public Report run(Context context) throws Exception {
        return Context.inTemporary(directory -> measured(context, directory));
    }

    private Report measured(Context context, Path directory) throws Exception {
        List<Figure> figures = new ArrayList<>();
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory, 0);
                Store store = Store.open(StoreConfig.of(postgres.jdbcUrl(), postgres.user(), postgres.password()))) {
            try (Connection connection = store.dataSource().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE bench_raw (key text PRIMARY KEY, json bytea NOT NULL)");
            }
            context.say("warming ...");
            objects(store.resources(), 8, WARM, new Samples());
            for (int writers : new int[] {1, 8, 64}) {
                context.say(writers + " writers ...");
                figures.addAll(beside(store, writers));
            }
        }
        return new Report(figures);
    }

    /** Turns about, so that a disk that changes its pace does so for both. */
    private List<Figure> beside(Store store, int writers) throws Exception {
        Samples samples = new Samples();
        double objects = 0;
        double raw = 0;
        double rawWal = 0;
        double wal = 0;
        double group = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double begun = number(store, WAL_KIB);
            raw += raw(store, writers) / ROUNDS;
            double between = number(store, WAL_KIB);
            rawWal += (between - begun) / number(store, rows("bench_raw", "key")) / ROUNDS;
            objects += objects(store.resources(), writers, TIME, samples) / ROUNDS;
            wal += (number(store, WAL_KIB) - between) / number(store, rows("change", "name")) / ROUNDS;
            group += number(store, groups()) / ROUNDS;
        }
        String load = writers + " at once, closed loop, 3 KB creations, fsync on";
        String rows = "one connection, commits of " + writers + " rows back to back";
        String of = ", " + writers + (writers == 1 ? " writer" : " writers");
        return List.of(
                Figure.of("objects/s" + of, objects, "1/s", ROUNDS, "mean of 5 s", load),
                samples.figure("write" + of, 99, load),
                Figure.of("raw rows/s" + of, raw, "1/s", ROUNDS, "mean of 5 s", rows),
                Figure.of("ratio" + of, objects / raw, "", ROUNDS, "of means", load)
                        .atLeast(0.7),
                Figure.of("objects in a commit" + of, group, "", ROUNDS, "mean", load),
                Figure.of("WAL of an object" + of, wal, "KiB", ROUNDS, "mean", load),
                Figure.of("WAL of a raw row" + of, rawWal, "KiB", ROUNDS, "mean", rows));
    }

    /** Rows of the last run. */
    private String rows(String table, String name) {
        return "SELECT count(*) FROM " + table + " WHERE " + name + " LIKE 'r" + (series - 1) + "-%'";
    }

    /** The size of the last run's commits: a row's xmin is the transaction that wrote it (PostgreSQL 18, 5.6). */
    private String groups() {
        return "SELECT count(*)::float8 / count(DISTINCT xmin::text) FROM change WHERE name LIKE 'r" + (series - 1)
                + "-%'";
    }

    private static double number(Store store, String query) throws SQLException {
        try (Connection connection = store.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getDouble(1);
        }
    }

    private double objects(Resources resources, int writers, Duration time, Samples samples) throws Exception {
        int run = series++;
        long begun = System.nanoTime();
        int before = samples.count();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                int writer = i;
                String text = text();
                all.add(executor.submit(() -> {
                    for (int n = 0; System.nanoTime() - begun < time.toNanos(); n++) {
                        ObjectNode object = object("r" + run + "-w" + writer + "-" + n, text);
                        long start = System.nanoTime();
                        if (!resources.create(object, false).succeeded()) {
                            throw new IllegalStateException("a creation failed");
                        }
                        samples.add(System.nanoTime() - start);
                    }
                }));
            }
            UplinkBench.await(all);
        }
        return (samples.count() - before) / ((System.nanoTime() - begun) / 1e9);
    }

    private double raw(Store store, int rows) throws SQLException {
        int run = series++;
        byte[] json = Json.bytes(object("raw", text()));
        long begun = System.nanoTime();
        long count = 0;
        try (Connection connection = store.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO bench_raw SELECT * FROM unnest(?::text[], ?::bytea[])")) {
                while (System.nanoTime() - begun < TIME.toNanos()) {
                    String[] keys = new String[rows];
                    byte[][] values = new byte[rows][];
                    for (int i = 0; i < rows; i++) {
                        keys[i] = "r" + run + "-" + count++;
                        values[i] = json;
                    }
                    insert.setArray(1, connection.createArrayOf("text", keys));
                    insert.setArray(2, connection.createArrayOf("bytea", values));
                    insert.executeUpdate();
                    connection.commit();
                }
            }
            connection.setAutoCommit(true);
        }
        return count / ((System.nanoTime() - begun) / 1e9);
    }

    private static ObjectNode object(String name, String text) {
        ObjectNode object = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
        object.putObject("metadata").put("namespace", "bench").put("name", name);
        object.putObject("data").put("text", text);
        return object;
    }

    /** Random letters: PostgreSQL compresses large values, and real ones are not all alike. */
    private String text() {
        StringBuilder text = new StringBuilder(OBJECT_BYTES);
        while (text.length() < OBJECT_BYTES) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }
}
