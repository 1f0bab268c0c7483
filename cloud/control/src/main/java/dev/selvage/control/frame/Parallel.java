package dev.selvage.control.frame;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes side by side, so that the store can commit them as groups; who would exceed the limit waits. */
public final class Parallel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Parallel.class);

    private final Semaphore places;
    private final ExecutorService threads;

    public Parallel(String name, int limit) {
        this.places = new Semaphore(limit);
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name(name + "-", 0).factory());
    }

    public void run(Runnable task) throws InterruptedException {
        places.acquire();
        threads.execute(() -> {
            try {
                task.run();
            } catch (NotLeaderException e) {
                LOG.debug("write left to the next leader");
            } catch (RuntimeException e) {
                LOG.warn("write failed: {}", e.toString(), e);
            } finally {
                places.release();
            }
        });
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
