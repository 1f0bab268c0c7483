package dev.selvage.bench;

import dev.selvage.cli.Kubeconfig;
import dev.selvage.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Many open watches of one kind, each of a label of its own, and a writer that creates objects for one after the other at a steady pace. */
final class WatchLoad {
    private static final int PER_SECOND = 50;
    private static final int PER_CLIENT = 250;

    private final Map<String, Long> seen = new ConcurrentHashMap<>();
    private final CountDownLatch all;

    private WatchLoad(int events) {
        all = new CountDownLatch(events);
    }

    static List<Figure> measured(Kubeconfig config, int watches, int events) throws Exception {
        List<Line> lines = new ArrayList<>();
        try {
            WatchLoad load = new WatchLoad(events);
            String revision = revision(config);
            for (int i = 0; i < watches; i++) {
                Line line = Line.open(config, 1_000 + i / PER_CLIENT);
                lines.add(line);
                line.watch(
                        BenchObjects.PATH + "?watch=true&resourceVersion=" + revision + "&labelSelector=bench%3Dw" + i);
                Thread.ofVirtual().start(() -> load.follow(line));
            }
            return load.write(config, watches, events);
        } finally {
            lines.forEach(Line::close);
        }
    }

    private static String revision(Kubeconfig config) throws IOException {
        try (Line line = Line.open(config, 2_000)) {
            line.call(line.get(BenchObjects.PATH + "?limit=1"));
            return Json.textAt(Json.parseObject(line.text()), "metadata", "resourceVersion");
        }
    }

    private List<Figure> write(Kubeconfig config, int watches, int events) throws Exception {
        Map<String, Long> departed = new ConcurrentHashMap<>();
        Map<String, Long> answered = new ConcurrentHashMap<>();
        try (Line line = Line.open(config, 2_000)) {
            String text = BenchObjects.text();
            long begun = System.nanoTime();
            for (int i = 0; i < events; i++) {
                String name = "watched-" + i;
                byte[] request = line.post(BenchObjects.PATH, BenchObjects.json(name, "w" + i % watches, text));
                long due = begun + TimeUnit.SECONDS.toNanos(1) / PER_SECOND * i;
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                departed.put(name, System.nanoTime());
                line.drain(request);
                answered.put(name, System.nanoTime());
            }
        }
        if (!all.await(60, TimeUnit.SECONDS)) {
            throw new IOException(all.getCount() + " of " + events + " events never came");
        }
        Samples event = new Samples();
        Samples whole = new Samples();
        seen.forEach((name, at) -> {
            event.add(Math.max(0, at - answered.getOrDefault(name, at)));
            whole.add(at - departed.getOrDefault(name, at));
        });
        String load = watches + " watches open, each of its own label; " + PER_SECOND + " creations/s, one at a time";
        return List.of(
                event.figure("event at its watcher after the write's answer", 99, load)
                        .atMost(20),
                whole.figure("event at its watcher after the write's departure", 99, load));
    }

    private void follow(Line line) {
        try {
            while (true) {
                String event = line.event();
                long now = System.nanoTime();
                int at = event.indexOf("\"name\":\"") + 8;
                seen.put(event.substring(at, event.indexOf('"', at)), now);
                all.countDown();
            }
        } catch (IOException closed) {
            // the end of the measurement, or an event is missed there
        }
    }
}
