package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.PodContainer;
import java.time.Duration;

/**
 * One call of a container's postStart or preStop handler (core/v1 LifecycleHandler), on a thread of its own. The pod's
 * thread asks how it stands and is woken when that changes; it never waits.
 */
final class LifecycleHook implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LifecycleHook.class.getName());

    private final PodRuntime runtime;
    private final RunId run;
    private final Type type;
    private final Action action;
    private final Duration limit;
    private final Thread thread;
    private volatile State state = State.RUNNING;

    enum Type {
        POST_START("postStart"),
        PRE_STOP("preStop");

        private final String field;

        Type(String field) {
            this.field = field;
        }

        boolean in(PodContainer container) {
            return container.node().path("lifecycle").path(field).isObject();
        }
    }

    enum State {
        RUNNING,
        SUCCEEDED,
        FAILED
    }

    private sealed interface Action {
        record Call(ProbeSpec.Check check) implements Action {}

        record Sleep(Duration time) implements Action {}
    }

    private LifecycleHook(PodRuntime runtime, RunId run, Type type, Action action, Duration limit, Runnable done) {
        this.runtime = runtime;
        this.run = run;
        this.type = type;
        this.action = action;
        this.limit = limit;
        this.thread = Thread.ofVirtual().name("hook-" + run + " " + type.field).unstarted(() -> live(done));
    }

    /**
     * Begins it.
     *
     * @param container which has a hook of this type
     * @param podIp where httpGet goes unless it names a host
     * @param limit after which it has failed
     * @param done called when it is over; not when it was closed before
     */
    static LifecycleHook begin(
            PodRuntime runtime,
            RunId run,
            PodContainer container,
            Type type,
            String podIp,
            Duration limit,
            Runnable done) {
        JsonNode handler = container.node().path("lifecycle").path(type.field);
        Action action = handler.has("sleep")
                ? new Action.Sleep(
                        Duration.ofSeconds(handler.path("sleep").path("seconds").asLong()))
                : new Action.Call(ProbeSpec.check(container, handler, podIp));
        LifecycleHook hook = new LifecycleHook(runtime, run, type, action, limit, done);
        hook.thread.start();
        return hook;
    }

    State state() {
        return state;
    }

    private void live(Runnable done) {
        boolean well = false;
        try {
            NetworkCheck.Result result = act();
            well = result.ok();
            if (!well
                    && !Thread.currentThread()
                            .isInterrupted()) { // the reason is for the node's own log: it may hold secrets, an event
                // does not tell it (as upstream)
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the {0} hook of {1} failed: {2}",
                        type.field,
                        run,
                        result.message());
            }
        } catch (InterruptedException e) {
            return; // closed: nobody asks any more
        } catch (RuntimeException | Error e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the " + type.field + " hook of " + run + " could not be called: " + e);
        }
        if (!Thread.currentThread().isInterrupted()) {
            state = well ? State.SUCCEEDED : State.FAILED;
            done.run();
        }
    }

    private NetworkCheck.Result act() throws InterruptedException {
        return switch (action) {
            case Action.Sleep(Duration time) -> {
                Thread.sleep(time);
                yield new NetworkCheck.Result(true, "");
            }
            case Action.Call(ProbeSpec.Check.Http http) -> NetworkCheck.call(http, limit);
            case Action.Call(ProbeSpec.Check.Exec exec) -> command(exec);
            case Action.Call(ProbeSpec.Check.Tcp tcp) -> new NetworkCheck.Result(false, "tcpSocket hooks are not run");
        };
    }

    private NetworkCheck.Result command(ProbeSpec.Check.Exec exec) {
        return switch (runtime.exec(run, exec.command(), limit)) {
            case ExecOutcome.Ended(int code, String output) ->
                new NetworkCheck.Result(code == 0, "exit code " + code + ": " + output.strip());
            case ExecOutcome.TimedOut out ->
                new NetworkCheck.Result(false, "it did not end within " + limit.toSeconds() + " s");
            case ExecOutcome.NotPossible(String message) -> new NetworkCheck.Result(false, message);
        };
    }

    /** Breaks it off where it still runs. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
