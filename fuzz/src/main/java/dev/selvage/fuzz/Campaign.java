package dev.selvage.fuzz;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Many inputs to one door, from one seed. Invariants: each is answered within the door's patience, nothing is thrown but what the door allows, and the heap behind the
 * door does not grow.
 */
public final class Campaign {
    private static final long WARM = 200;

    private final Door door;
    private final long seed;
    private final Path findings;
    private final PrintStream progress;
    private final Map<String, Long> answers = new HashMap<>();
    private volatile Thread worker = Thread.currentThread();
    private Duration slowest = Duration.ZERO;
    private long slowestInput;
    private long warm;

    /** @param findings directory for the inputs that broke something */
    public Campaign(Door door, long seed, Path findings, PrintStream progress) {
        this.door = door;
        this.seed = seed;
        this.findings = findings;
        this.progress = progress;
    }

    /** Runs the inputs 0 to {@code inputs} - 1, or fewer when {@code limit} is over. */
    public Tally run(long inputs, Duration limit) throws Exception {
        return run(0, inputs, limit);
    }

    /** Runs one input of a campaign again. */
    public Tally again(long index) throws Exception {
        return run(index, index + 1, Duration.ofDays(1));
    }

    private Tally run(long from, long until, Duration limit) throws Exception {
        progress.println("  " + door.name() + ": seed " + seed);
        long begun = System.nanoTime();
        long before = -1;
        long index = from;
        warm = from + Math.min(WARM, (until - from) / 2);
        try (ExecutorService executor =
                Executors.newSingleThreadExecutor(work -> worker = new Thread(work, "fuzz-" + door.name()))) {
            try {
                for (; index < until && System.nanoTime() - begun < limit.toNanos(); index++) {
                    if (index == warm) {
                        before = door.heap();
                    }
                    one(executor, index);
                }
            } finally {
                executor.shutdownNow();
            }
        }
        long after = door.heap();
        before = before < 0 ? after : before;
        Tally tally =
                new Tally(door.name(), seed, index - from, answers, since(begun), slowest, slowestInput, before, after);
        progress.println("  " + tally);
        if (after - before > door.heapGrowth()) {
            throw new FindingException(
                    "the heap behind " + door.name() + " grew by " + (after - before) + " bytes: " + tally, null);
        }
        return tally;
    }

    private void one(ExecutorService executor, long index) throws FindingException, InterruptedException {
        Draw draw = new Draw(seed, index);
        long begun = System.nanoTime();
        Future<String> answer = executor.submit(() -> door.attempt(draw));
        try {
            answers.merge(answer.get(door.patience().toMillis(), TimeUnit.MILLISECONDS), 1L, Long::sum);
        } catch (TimeoutException e) {
            Exception stuck = new Exception("where it hangs");
            stuck.setStackTrace(worker.getStackTrace());
            worker.interrupt();
            throw finding(draw, index, "no answer within " + door.patience(), stuck);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw finding(draw, index, cause.toString(), cause);
        }
        Duration took = since(begun);
        if (index >= warm && took.compareTo(slowest) > 0) {
            slowest = took;
            slowestInput = index;
        }
    }

    private FindingException finding(Draw draw, long index, String what, Throwable cause) {
        String name = door.name() + "-" + seed + "-" + index;
        String place;
        try {
            Files.createDirectories(findings);
            place = Files.write(findings.resolve(name), draw.input()).toString();
        } catch (IOException e) {
            place = "nowhere (" + e.getMessage() + ")";
        }
        String message =
                "%s, seed %d, input %d: %s%n  the input is kept in %s; again: ./selvage bench fuzz --door %s --seed %d --input %d"
                        .formatted(door.name(), seed, index, what, place, door.name(), seed, index);
        progress.println("  " + message);
        return new FindingException(message, cause);
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
