package dev.selvage.bench;

import dev.selvage.cli.Kubeconfig;
import dev.selvage.model.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads of many objects through the API, beside the same reads of the same rows in the installation's PostgreSQL. */
final class ApiBench implements Bench {
    private static final int READERS = 8;
    private static final int PAGE = 500;
    private static final int FULL_LISTS = 3;

    @Override
    public String name() {
        return "api";
    }

    @Override
    public String description() {
        return "get, list of 500 and full list over 100,000 objects of 3 KB, beside PostgreSQL's own reads; server heap";
    }

    @Override
    public Report run(Context context) throws Exception {
        int objects = context.quick() ? 3_000 : 100_000;
        Duration turn = Duration.ofSeconds(context.quick() ? 2 : 10);
        try (Installation installation = Installation.up(context, "--no-examples");
                Api api = installation.api()) {
            api.namespace(BenchObjects.NAMESPACE);
            Kubeconfig config = installation.kubeconfig();
            context.say(objects + " objects ...");
            new StoreBench.Load(config).create(64, Duration.ofMinutes(20), objects, new Samples());
            List<Figure> figures = new ArrayList<>();
            try (Connection database = RawTable.connect(installation)) {
                List<String> names = prepare(database);
                String stock = names.size() + " objects of 3 KB; ";
                context.say("gets ...");
                figures.addAll(compare(
                        "get",
                        5,
                        stock + READERS + " at once, closed loop",
                        closedLoop(READERS, turn, number -> get(config, number, names)),
                        closedLoop(READERS, turn, _ -> row(RawTable.connect(installation), names))));
                context.say("lists of " + PAGE + " ...");
                figures.addAll(compare(
                        "list of 500",
                        50,
                        stock + "one reader, page after page",
                        closedLoop(1, turn, number -> pages(config, number)),
                        closedLoop(1, turn, _ -> rows(RawTable.connect(installation)))));
                context.say("full lists ...");
                figures.addAll(full(config, database, stock));
            }
            figures.add(Figure.of(
                            "server heap in use",
                            heapMib(context, installation.pid("centre")),
                            "MiB",
                            1,
                            "after collection",
                            names(objects))
                    .atMost(1024));
            return new Report(figures);
        }
    }

    private static String names(int objects) {
        return objects + " objects of 3 KB in the watch cache";
    }

    private static List<Figure> compare(String what, double goal, String load, Samples here, Samples raw) {
        return List.of(
                here.figure(what, 50, load),
                here.figure(what, 99, load).atMost(goal),
                raw.figure("the same rows from PostgreSQL, " + what, 99, load),
                Figure.of("ratio of p99, " + what, here.millis(99) / raw.millis(99), "", here.count(), "of p99", load));
    }

    private static List<Figure> full(Kubeconfig config, Connection database, String stock) throws Exception {
        double here = 0;
        double raw = 0;
        try (Line line = Line.open(config, 1)) {
            for (int i = 0; i < FULL_LISTS; i++) {
                long begun = System.nanoTime();
                long bytes = line.drain(line.get(BenchObjects.PATH));
                here = Math.max(here, bytes * 1e3 / (System.nanoTime() - begun));
                raw = Math.max(raw, scan(database));
            }
        }
        String load = stock + "one reader, all in one answer";
        return List.of(
                Figure.of("full list", here, "MB/s", FULL_LISTS, "best", load).atLeast(100),
                Figure.of("PostgreSQL's table, read whole", raw, "MB/s", FULL_LISTS, "best", load),
                Figure.of("ratio, full list", here / raw, "", FULL_LISTS, "of best", load));
    }

    /** One kind of read, again and again; closed at the end. */
    private interface Reader extends AutoCloseable {
        void read() throws IOException, SQLException;

        @Override
        void close() throws IOException, SQLException;
    }

    private interface Opening {
        Reader open(int number) throws Exception;
    }

    private static Samples closedLoop(int readers, Duration time, Opening opening) throws Exception {
        Samples samples = new Samples();
        List<Reader> open = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < readers; i++) {
                Reader reader = opening.open(i + 1);
                open.add(reader);
                for (int n = 0; n < 20; n++) {
                    reader.read();
                }
            }
            long begun = System.nanoTime();
            List<Future<?>> all = new ArrayList<>();
            for (Reader reader : open) {
                all.add(executor.submit(() -> {
                    while (System.nanoTime() - begun < time.toNanos()) {
                        long start = System.nanoTime();
                        reader.read();
                        samples.add(System.nanoTime() - start);
                    }
                    return null;
                }));
            }
            UplinkBench.await(all);
        } finally {
            for (Reader reader : open) {
                reader.close();
            }
        }
        return samples;
    }

    /** A reader of random objects; its client changes its address, since the API bounds each client's rate. */
    private static Reader get(Kubeconfig config, int number, List<String> names) throws IOException {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            lines.add(Line.open(config, number * 20 + i));
        }
        int[] turn = {0};
        return new Reader() {
            @Override
            public void read() throws IOException {
                Line line = lines.get(turn[0]++ % lines.size());
                line.drain(line.get(BenchObjects.PATH + "/" + random(names)));
            }

            @Override
            public void close() {
                lines.forEach(Line::close);
            }
        };
    }

    private static Reader pages(Kubeconfig config, int number) throws IOException {
        Line line = Line.open(config, number);
        String[] token = {""};
        return new Reader() {
            @Override
            public void read() throws IOException {
                line.call(line.get(BenchObjects.PATH + "?limit=" + PAGE + "&continue=" + token[0]));
                // the token stands before the items
                String text = line.text();
                String head = text.substring(0, text.indexOf(",\"items\":")) + "}";
                token[0] = Json.textAt(Json.parseObject(head), "metadata", "continue");
            }

            @Override
            public void close() {
                line.close();
            }
        };
    }

    /** The rows as a plain table keeps them, with the names that the API gives. */
    private static List<String> prepare(Connection database) throws SQLException {
        try (var statement = database.createStatement()) {
            statement.execute("CREATE TABLE bench_rows AS SELECT o.name AS key, c.json FROM object o"
                    + " JOIN change c ON c.revision = o.revision WHERE o.namespace = '" + BenchObjects.NAMESPACE
                    + "' AND o.name ~ '^c[0-9]+-'");
            statement.execute("ALTER TABLE bench_rows ADD PRIMARY KEY (key)");
            statement.execute("VACUUM ANALYZE bench_rows");
            List<String> names = new ArrayList<>();
            try (ResultSet row = statement.executeQuery("SELECT key FROM bench_rows")) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
            return names;
        }
    }

    private static Reader row(Connection connection, List<String> names) throws SQLException {
        PreparedStatement query = connection.prepareStatement("SELECT json FROM bench_rows WHERE key = ?");
        return new Reader() {
            @Override
            public void read() throws SQLException {
                query.setString(1, random(names));
                try (ResultSet row = query.executeQuery()) {
                    row.next();
                    row.getBytes(1);
                }
            }

            @Override
            public void close() throws SQLException {
                connection.close();
            }
        };
    }

    private static Reader rows(Connection connection) throws SQLException {
        PreparedStatement query = connection.prepareStatement(
                "SELECT key, json FROM bench_rows WHERE key > ? ORDER BY key LIMIT " + PAGE);
        String[] last = {""};
        return new Reader() {
            @Override
            public void read() throws SQLException {
                query.setString(1, last[0]);
                last[0] = "";
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        last[0] = row.getString(1);
                        row.getBytes(2);
                    }
                }
            }

            @Override
            public void close() throws SQLException {
                connection.close();
            }
        };
    }

    /** Megabytes per second of one connection that reads all rows. */
    private static double scan(Connection database) throws SQLException {
        database.setAutoCommit(false); // or the driver would hold the whole result in memory
        long begun = System.nanoTime();
        long bytes = 0;
        try (PreparedStatement query = database.prepareStatement("SELECT json FROM bench_rows")) {
            query.setFetchSize(1_000);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    bytes += row.getBytes(1).length;
                }
            }
        }
        database.commit();
        database.setAutoCommit(true);
        return bytes * 1e3 / (System.nanoTime() - begun);
    }

    private static String random(List<String> names) {
        return names.get(ThreadLocalRandom.current().nextInt(names.size()));
    }

    /** What the collector leaves, as jcmd(1) tells. */
    private static double heapMib(Context context, long pid) throws IOException, InterruptedException {
        jcmd(context, pid, "GC.run");
        String told = jcmd(context, pid, "GC.heap_info");
        Matcher used = Pattern.compile("(?:DefNew|Tenured)\\s+total \\d+K, used (\\d+)K")
                .matcher(told);
        double kib = 0;
        while (used.find()) {
            kib += Long.parseLong(used.group(1));
        }
        if (kib == 0) {
            throw new IOException("jcmd tells no generation of the serial collector: " + told);
        }
        return kib / 1024;
    }

    private static String jcmd(Context context, long pid, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(context.jdk().resolve("bin/jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("jcmd " + pid + " " + command + ": " + output);
        }
        return output;
    }
}
