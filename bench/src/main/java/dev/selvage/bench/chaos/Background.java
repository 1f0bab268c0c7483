package dev.selvage.bench.chaos;

import java.util.concurrent.TimeUnit;

/** One client at work beside the killing, until it is closed; an unexpected end of it is a violation. */
abstract class Background implements AutoCloseable {
    private final String name;
    private final Violations violations;
    private final Thread thread;
    private volatile boolean closed;

    Background(String name, Violations violations) {
        this.name = name;
        this.violations = violations;
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
    }

    /** Does one piece of work; may throw {@link java.io.IOException} while the other side is away. */
    abstract void step() throws Exception;

    final void start() {
        thread.start();
    }

    final boolean closed() {
        return closed;
    }

    private void loop() {
        while (!closed) {
            try {
                step();
            } catch (InterruptedException e) {
                return;
            } catch (java.io.IOException | java.io.UncheckedIOException away) {
                pause();
            } catch (Exception | Error e) {
                if (!closed) {
                    violations.add(name + " ended: " + e);
                }
                return;
            }
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Called once {@link #closed} says so: ends what waits for the other side. */
    void interrupt() {}

    @Override
    public final void close() {
        finish();
    }

    /** Lets the piece in hand end; again without effect. */
    final void finish() {
        closed = true;
        interrupt();
        try {
            if (!thread.join(java.time.Duration.ofSeconds(90))) {
                violations.add(name + " did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
