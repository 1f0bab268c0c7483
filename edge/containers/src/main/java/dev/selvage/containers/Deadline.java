package dev.selvage.containers;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/** Closes something when its time is over: a blocking channel knows no time-outs of its own. */
final class Deadline implements AutoCloseable {
    /** For streams that live as long as a container. */
    static final Duration NEVER = Duration.ofDays(10_000);

    private final Closeable target;
    private final Thread thread;
    private volatile long at;
    private volatile Duration limit;
    private volatile boolean passed;

    Deadline(Closeable target, Duration limit) {
        this.target = target;
        this.limit = limit;
        this.at = System.nanoTime() + limit.toNanos();
        this.thread = Thread.ofVirtual().name("engine-deadline").start(this::watch);
    }

    /** From now on; a later end only is noticed when the earlier one has come. */
    void extend(Duration further) {
        limit = further;
        at = System.nanoTime() + further.toNanos();
        thread.interrupt();
    }

    boolean passed() {
        return passed;
    }

    Duration limit() {
        return limit;
    }

    private volatile boolean closed;

    private void watch() {
        while (!closed) {
            long left = at - System.nanoTime();
            if (left <= 0) {
                passed = true;
                closeTarget();
                return;
            }
            try {
                Thread.sleep(Duration.ofNanos(left));
            } catch (InterruptedException e) {
                // extended or closed: look again
            }
        }
    }

    private void closeTarget() {
        try {
            target.close();
        } catch (IOException e) {
            System.getLogger(Deadline.class.getName())
                    .log(System.Logger.Level.DEBUG, "a connection to the engine did not close", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
