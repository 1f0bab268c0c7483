package dev.selvage.workloads;

import dev.selvage.model.PodContainer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/**
 * What probes say of one run. Written by the probers' threads, read by the pod's. Liveness and readiness begin when the
 * startup probe has passed.
 */
final class ContainerProbes implements Prober.Listener, AutoCloseable {
    private final PodRuntime runtime;
    private final RunId run;
    private final PodContainer container;
    private final String podIp;
    private final Runnable changed;
    private final BiConsumer<String, String> warning;
    private final List<Prober> probers = new ArrayList<>();
    private boolean started;
    private boolean ready;
    private boolean closed;
    private Optional<Failed> failed = Optional.empty();

    /** A probe that demands the end of the container. */
    record Failed(ProbeSpec.Type type, OptionalLong graceSeconds) {}

    /**
     * @param started whether the startup probe had passed when this run was last seen
     * @param ready whether it was ready then: adoption must not make a healthy pod unready for a moment
     * @param warning hears reason and message
     */
    ContainerProbes(
            PodRuntime runtime,
            RunId run,
            PodContainer container,
            String podIp,
            boolean started,
            boolean ready,
            Runnable changed,
            BiConsumer<String, String> warning) {
        this.runtime = runtime;
        this.run = run;
        this.container = container;
        this.podIp = podIp;
        this.changed = changed;
        this.warning = warning;
        this.started = started || spec(ProbeSpec.Type.STARTUP).isEmpty();
        this.ready = this.started && (ready || spec(ProbeSpec.Type.READINESS).isEmpty());
    }

    synchronized void begin(Duration sinceStart) {
        if (closed) {
            return;
        }
        List<ProbeSpec.Type> types =
                started ? List.of(ProbeSpec.Type.LIVENESS, ProbeSpec.Type.READINESS) : List.of(ProbeSpec.Type.STARTUP);
        for (ProbeSpec.Type type : types) {
            spec(type)
                    .ifPresent(spec ->
                            probers.add(new Prober(run + " " + type, spec, sinceStart, () -> look(spec), this)));
        }
    }

    synchronized boolean started() {
        return started;
    }

    synchronized boolean ready() {
        return ready;
    }

    synchronized Optional<Failed> failed() {
        return failed;
    }

    @Override
    public void unhealthy(ProbeSpec spec, String message) {
        synchronized (this) {
            if (closed) {
                return;
            }
        }
        warning.accept("Unhealthy", spec.type().text + " probe failed: " + message);
    }

    @Override
    public void verdict(ProbeSpec spec, boolean ok, String message) {
        synchronized (this) {
            if (closed) {
                return;
            }
            switch (spec.type()) {
                case READINESS -> {
                    if (ready == ok) {
                        return;
                    }
                    ready = ok;
                }
                case LIVENESS -> {
                    if (ok || failed.isPresent()) {
                        return;
                    }
                    failed = Optional.of(new Failed(spec.type(), spec.graceSeconds()));
                }
                case STARTUP -> {
                    if (started || failed.isPresent()) {
                        return;
                    }
                    if (ok) {
                        pass();
                    } else {
                        failed = Optional.of(new Failed(spec.type(), spec.graceSeconds()));
                    }
                }
            }
        }
        changed.run();
    }

    /** Called by the startup prober's own thread, which ends here. */
    private synchronized void pass() {
        started = true;
        ready = spec(ProbeSpec.Type.READINESS).isEmpty();
        probers.forEach(Prober::close);
        probers.clear();
        begin(Duration.ZERO);
    }

    private Optional<ProbeSpec> spec(ProbeSpec.Type type) {
        return ProbeSpec.of(container, type, podIp);
    }

    private NetworkCheck.Result look(ProbeSpec spec) {
        return switch (spec.check()) {
            case ProbeSpec.Check.Tcp tcp -> NetworkCheck.tcp(tcp.host(), tcp.port(), spec.timeout());
            case ProbeSpec.Check.Http http -> NetworkCheck.http(http, spec.timeout());
            case ProbeSpec.Check.Exec exec ->
                switch (runtime.exec(run, exec.command(), spec.timeout())) {
                    case ExecOutcome.Ended ended ->
                        new NetworkCheck.Result(
                                ended.exitCode() == 0, ended.output().strip());
                    case ExecOutcome.TimedOut out ->
                        new NetworkCheck.Result(
                                false,
                                "command timed out after " + spec.timeout().toSeconds() + "s");
                    case ExecOutcome.NotPossible not -> {
                        OwnLimitException.check(not.message());
                        yield new NetworkCheck.Result(false, not.message());
                    }
                };
        };
    }

    @Override
    public synchronized void close() {
        closed = true;
        probers.forEach(Prober::close);
        probers.clear();
    }
}
