package dev.selvage.control.workload;

import dev.selvage.control.frame.NotLeaderException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Writes in batches of 1, 2, 4 ... side by side, and no further after a batch with a failure: what is refused once is
 * refused always, and a thousand refusals help nobody (upstream's slowStartBatch). Side by side the store commits them
 * as groups.
 */
final class SlowStart {
    static final int LARGEST_BATCH = 64;

    private SlowStart() {}

    /** Runs the tasks in order; the first failure is thrown after its batch has ended. */
    static void run(List<? extends Runnable> tasks) throws InterruptedException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            int from = 0;
            for (int size = 1; from < tasks.size(); size = Math.min(size * 2, LARGEST_BATCH)) {
                int to = Math.min(from + size, tasks.size());
                batch(threads, tasks.subList(from, to));
                from = to;
            }
        }
    }

    private static void batch(ExecutorService threads, List<? extends Runnable> tasks) throws InterruptedException {
        List<Future<?>> running = new ArrayList<>();
        tasks.forEach(task -> running.add(threads.submit(task)));
        RuntimeException failure = null;
        for (Future<?> task : running) {
            try {
                task.get();
            } catch (ExecutionException e) {
                failure = first(failure, Objects.requireNonNull(e.getCause()));
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException first(@Nullable RuntimeException before, Throwable now) {
        if (before instanceof NotLeaderException) {
            return before;
        }
        if (now instanceof NotLeaderException stopped) {
            return stopped;
        }
        return before != null ? before : now instanceof RuntimeException e ? e : new IllegalStateException(now);
    }
}
