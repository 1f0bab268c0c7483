package dev.selvage.store;

import static dev.selvage.store.TestObjects.configMap;
import static dev.selvage.store.TestObjects.data;
import static dev.selvage.store.TestObjects.key;
import static dev.selvage.store.TestObjects.label;

import dev.selvage.model.Kinds;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.ObjectKey;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One server process of {@link TwoProcessesTest}: says {@code ready REVISION}, and after {@code go} its writers create, change, label and delete objects
 * that all processes share, while its watchers note what they see. After {@code end REVISION} it prints what each watcher saw.
 */
final class WriterProcess {
    private static final int WRITERS = 8;
    private static final int OPERATIONS = 150;
    private static final int OBJECTS = 40;
    private static final Selection ALL = Selection.all(Kinds.CONFIG_MAP);
    private static final Selection RED = ALL.with(LabelSelector.parse("colour=red"));

    private WriterProcess() {}

    public static void main(String[] arguments) throws Exception {
        StoreConfig config = StoreConfig.of(arguments[0], arguments[1], arguments[2]);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Store store = Store.open(config);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Resources resources = store.resources();
            long start = resources.revision();
            List<Watcher> watchers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                watchers.add(new Watcher(resources.watch(ALL, start)));
            }
            Watcher red = new Watcher(resources.watch(RED, start));
            System.out.println("ready " + start);
            commands.readLine();
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                Random random = new Random(Long.parseLong(arguments[3]) * 100 + i);
                writers.add(threads.submit(() -> write(resources, random)));
            }
            // one that begins in the middle, from the beginning
            watchers.add(new Watcher(resources.watch(ALL, start)));
            for (Future<?> writer : writers) {
                writer.get();
            }
            System.out.println("written");
            long end = Long.parseLong(commands.readLine());
            watchers.add(new Watcher(resources.watch(ALL, start)));
            List<Future<String>> seen = new ArrayList<>();
            for (Watcher watcher : watchers) {
                seen.add(threads.submit(() -> watcher.until(end)));
            }
            for (Future<String> digest : seen) {
                System.out.println("saw " + digest.get());
            }
            red.until(end);
            Set<String> listed = new TreeSet<>();
            resources.list(RED).forEach(stored -> listed.add(stored.key().name() + "@" + stored.revision()));
            System.out.println(
                    "red " + (listed.equals(red.present()) ? "agrees" : listed + " but saw " + red.present()));
        }
    }

    private static void write(Resources resources, Random random) {
        for (int i = 0; i < OPERATIONS; i++) {
            ObjectKey key = key(Kinds.CONFIG_MAP, "o" + random.nextInt(OBJECTS));
            switch (random.nextInt(5)) {
                case 0 -> resources.create(configMap(key.name(), "new"));
                case 1 -> resources.delete(key, DeleteOptions.DEFAULT);
                case 2 -> resources.mutate(key, label("colour", random.nextBoolean() ? "red" : "blue"));
                default -> resources.mutate(key, data("v" + random.nextInt()));
            }
        }
    }

    /** Notes every event, in order. */
    private static final class Watcher implements Callable<Void> {
        private final WatchStream stream;
        private final StringBuilder order = new StringBuilder();
        private final Set<String> present = new TreeSet<>();
        private final Thread thread = Thread.ofVirtual().unstarted(this::run);
        private volatile long reached;

        Watcher(WatchStream stream) {
            this.stream = stream;
            thread.start();
        }

        private void run() {
            try {
                call();
            } catch (InterruptedException e) {
                // told enough
            }
        }

        @Override
        public Void call() throws InterruptedException {
            while (true) {
                switch (stream.next(Duration.ofMillis(50))) {
                    case WatchEvent.Added(Stored stored) -> note("C", stored, true);
                    case WatchEvent.Modified(Stored stored) -> note("U", stored, true);
                    case WatchEvent.Deleted(Stored stored) -> note("D", stored, false);
                    case WatchEvent.Bookmark(long revision) -> reached = revision;
                    case WatchEvent.Expired(String reason) -> {
                        order.append("expired ").append(reason);
                        return null;
                    }
                }
            }
        }

        private void note(String type, Stored stored, boolean there) {
            order.append(stored.revision())
                    .append(type)
                    .append(stored.key().name())
                    .append(' ');
            present.removeIf(entry -> entry.startsWith(stored.key().name() + "@"));
            if (there) {
                present.add(stored.key().name() + "@" + stored.revision());
            }
            reached = stored.revision();
        }

        String until(long end) throws InterruptedException {
            Poll.until(() -> reached >= end);
            thread.interrupt();
            thread.join();
            return order.toString();
        }

        Set<String> present() {
            return present;
        }
    }
}
