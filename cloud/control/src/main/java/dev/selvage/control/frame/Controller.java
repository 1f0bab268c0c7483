package dev.selvage.control.frame;

import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reconciles keys one by one on a virtual thread of its own. A key that fails comes back with growing delay;
 * after {@value #MOST_ATTEMPTS} failures in a row it is left until it changes or the next resync.
 */
public final class Controller<K> implements AutoCloseable {
    public static final int MOST_ATTEMPTS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

    private final String name;
    private final Reconciler<K> reconciler;
    private final WorkQueue<K> queue = new WorkQueue<>(Backoff.DEFAULT);
    private final Thread thread;

    /** Brings what a key names nearer to what it should be; called again when anything changed meanwhile. */
    @FunctionalInterface
    public interface Reconciler<K> {
        Next reconcile(K key) throws InterruptedException;
    }

    public Controller(String name, Reconciler<K> reconciler) {
        this.name = name;
        this.reconciler = reconciler;
        this.thread = Thread.ofVirtual().name("controller-" + name).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public void enqueue(K key) {
        queue.add(key);
    }

    public void enqueueAfter(K key, Duration delay) {
        queue.addAfter(key, delay);
    }

    /** Stops at once; a reconciliation under way is interrupted, its writes are fenced. */
    @Override
    public void close() {
        queue.close();
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Optional<K> key = queue.take();
                if (key.isEmpty()) {
                    return;
                }
                work(key.get());
            }
        } catch (InterruptedException | NotLeaderException e) {
            LOG.debug("controller {} stops: {}", name, e.toString());
        }
    }

    private void work(K key) throws InterruptedException {
        try {
            Next next = reconciler.reconcile(key);
            queue.done(key);
            if (next instanceof Next.After(Duration delay)) {
                queue.addAfter(key, delay);
            }
        } catch (NotLeaderException e) {
            throw e;
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            int count = queue.failed(key);
            LOG.warn("controller {} failed on {} (attempt {}): {}", name, key, count, e.toString(), e);
            if (count >= MOST_ATTEMPTS) {
                queue.giveUp(key);
            }
        }
    }
}
