package dev.selvage.workloads;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Repeats one probe of one run and reports when its verdict changes, counting thresholds as upstream's prober does.
 * Ends with the run; a probe that hangs is cut at its timeout and never overlaps the next.
 */
final class Prober implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Prober.class.getName());

    private final ProbeSpec spec;
    private final Supplier<NetworkCheck.Result> look;
    private final Listener listener;
    private final Thread thread;

    interface Listener {
        /** One look failed. */
        void unhealthy(ProbeSpec spec, String message);

        /** So many looks in a row agreed that the verdict holds. Called for each look from then on. */
        void verdict(ProbeSpec spec, boolean ok, String message);
    }

    /** @param sinceStart how long the container has been running: counts towards the initial delay */
    Prober(String name, ProbeSpec spec, Duration sinceStart, Supplier<NetworkCheck.Result> look, Listener listener) {
        this.spec = spec;
        this.look = look;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("probe-" + name).start(() -> repeat(sinceStart));
    }

    private void repeat(Duration sinceStart) {
        try {
            Duration first = spec.initialDelay().minus(sinceStart);
            if (first.isPositive()) {
                Thread.sleep(first);
            }
            boolean lastOk = false;
            int run = 0;
            while (!Thread.interrupted()) {
                Optional<NetworkCheck.Result> seen = look();
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                if (seen.isEmpty()) {
                    Thread.sleep(spec.period());
                    continue;
                }
                NetworkCheck.Result result = seen.get();
                run = result.ok() == lastOk ? run + 1 : 1;
                lastOk = result.ok();
                if (!result.ok()) {
                    listener.unhealthy(spec, result.message());
                }
                if (run >= (result.ok() ? spec.successThreshold() : spec.failureThreshold())) {
                    listener.verdict(spec, result.ok(), result.message());
                    run = Math.min(run, 1 << 20);
                }
                Thread.sleep(spec.period());
            }
        } catch (InterruptedException e) {
            // the run has ended
        }
    }

    /** Empty when it failed on our side, for want of memory or open files say: no container is ended for that (upstream: the result is Unknown). */
    private Optional<NetworkCheck.Result> look() {
        try {
            return Optional.of(look.get());
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "a " + spec.type().text + " probe could not be made: " + e);
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
