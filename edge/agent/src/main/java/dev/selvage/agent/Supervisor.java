package dev.selvage.agent;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The agent's watchdog: each part works on a virtual thread of its own; one that fails is tried again after a back-off that doubles up to half a minute, while the
 * others go on. What fails, and what happened that somebody should know, is the node's health.
 */
final class Supervisor implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Supervisor.class.getName());
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LAST = Duration.ofSeconds(30);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
    private static final int NOTES = 20;
    private static final Duration NEWS = Duration.ofMinutes(10);

    /**
     * @param failures since it last worked
     * @param message of the last failure; empty when it works
     */
    record Health(boolean working, int failures, String message, Instant since) {}

    /** Something that happened once. */
    record Note(Instant at, String message) {
        @Override
        public String toString() {
            return at + " " + message;
        }
    }

    /** Something a part does again and again. */
    interface Step {
        void run() throws Exception;
    }

    /** Makes a part. */
    interface Opener<T> {
        T open() throws Exception;
    }

    /** A part that may not be there yet. */
    static final class Part<T> {
        private volatile @Nullable T value;

        Optional<T> get() {
            return Optional.ofNullable(value);
        }
    }

    private final Map<String, Health> health = new ConcurrentHashMap<>();
    private final Deque<Note> notes = new ArrayDeque<>();
    private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());
    private final Duration first;
    private volatile boolean closed;

    Supervisor() {
        this(FIRST);
    }

    Supervisor(Duration first) {
        this.first = first;
    }

    /** Runs the step, then waits for the period, until closed. */
    void every(String name, Duration period, Step step) {
        start(name, () -> {
            Duration backoff = first;
            while (!closed) {
                boolean fine = attempt(name, step);
                Thread.sleep(fine ? period : backoff);
                backoff = fine ? first : longer(backoff);
            }
        });
    }

    /** Opens a part now, or later when it cannot be opened now; tells {@code opened} once it is there. */
    <T> void open(String name, Part<T> part, Opener<T> opener, Consumer<T> opened) {
        if (!attempt(name, () -> opened(part, opener.open(), opened))) {
            start(name, () -> {
                Duration backoff = first;
                do {
                    Thread.sleep(backoff);
                    backoff = longer(backoff);
                } while (!closed && !attempt(name, () -> opened(part, opener.open(), opened)));
            });
        }
    }

    private static <T> void opened(Part<T> part, T value, Consumer<T> opened) {
        part.value = value;
        opened.accept(value);
    }

    private void start(String name, Step body) {
        threads.add(Thread.ofVirtual().name(name).start(() -> {
            try {
                body.run();
            } catch (InterruptedException e) {
                LOG.log(Level.DEBUG, name + " ends");
            } catch (Exception e) {
                failed(name, e);
            }
        }));
    }

    private boolean attempt(String name, Step step) throws RuntimeException {
        try {
            step.run();
            health.compute(name, (n, h) -> h != null && h.working() ? h : new Health(true, 0, "", Instant.now()));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Exception | Error e) {
            failed(name, e);
            return false;
        }
    }

    private void failed(String name, Throwable e) {
        Health now = health.compute(name, (n, h) -> {
            int failures = h == null ? 1 : h.failures() + 1;
            Instant since = h == null || h.working() ? Instant.now() : h.since();
            return new Health(false, failures, message(e), since);
        });
        if (!closed && now.failures() == 1) {
            LOG.log(Level.WARNING, name + " failed and is tried again", e);
        }
    }

    private static String message(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static Duration longer(Duration backoff) {
        Duration doubled = backoff.multipliedBy(2);
        return doubled.compareTo(LAST) > 0 ? LAST : doubled;
    }

    /** Something that happened once and that people should know; the newest few are kept. */
    void note(String message) {
        LOG.log(Level.WARNING, message);
        synchronized (notes) {
            notes.addLast(new Note(Instant.now(), message));
            if (notes.size() > NOTES) {
                notes.removeFirst();
            }
        }
    }

    List<Note> notes() {
        synchronized (notes) {
            return List.copyOf(notes);
        }
    }

    /** The notes of the last ten minutes: what happened before is over, or a part says that it does not work. */
    List<String> news() {
        Instant since = Instant.now().minus(NEWS);
        return notes().stream()
                .filter(note -> note.at().isAfter(since))
                .map(Note::toString)
                .toList();
    }

    Map<String, Health> health() {
        return new TreeMap<>(health);
    }

    boolean allWorking() {
        return health.values().stream().allMatch(Health::working);
    }

    @Override
    public void close() {
        closed = true;
        List<Thread> all = List.copyOf(threads);
        all.forEach(Thread::interrupt);
        for (Thread thread : all) {
            try {
                thread.join(CLOSE_LIMIT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
