package dev.selvage.workloads;

import dev.selvage.model.Pod;
import dev.selvage.model.PodContainer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Drives one container of a pod from run to run. Used by the pod's thread only. */
final class ContainerDriver implements AutoCloseable {
    /** What a driver needs of its pod. */
    interface Surroundings {
        PodRuntime runtime();

        Pod pod();

        Instant now();

        String podIp();

        /** Makes the record durable: called before a run is started. */
        void save();

        void wake();

        void event(String type, String reason, String message);

        /** All that a run needs, or why there is none yet. */
        RunPlan plan(PodContainer container, RunId run);

        /** How a run ended, with what it has said of that itself. */
        Observation.Exited told(PodContainer container, RunId run, Observation.Exited exited);

        /** Starts with few others at once. */
        StartOutcome start(RunSpec spec) throws InterruptedException;
    }

    private final Surroundings pod;
    private final ContainerRecord record;
    private final ContainerHooks hooks;
    private final ContainerStop stop;
    private @Nullable ContainerProbes probes;
    private @Nullable Instant retryAt;

    ContainerDriver(Surroundings pod, ContainerRecord record) {
        this.pod = pod;
        this.record = record;
        this.hooks = new ContainerHooks(pod);
        this.stop = new ContainerStop(pod, record, hooks);
    }

    ContainerRecord record() {
        return record;
    }

    boolean succeeded() {
        return record.exit != null && record.exit.exitCode() == 0;
    }

    RunId run() {
        return new RunId(pod.pod().uid(), record.name, record.attempt);
    }

    /** Takes note of what has become of the current run. */
    void observe(PodContainer spec) {
        if (!record.current()) {
            return;
        }
        switch (pod.runtime().observe(run())) {
            case Observation.Absent absent -> {
                if (record.startedAt != null) {
                    ended(
                            spec,
                            new Observation.Exited(
                                    137,
                                    "ContainerStatusUnknown",
                                    "the container could not be located when the pod was looked at",
                                    record.startedAt,
                                    pod.now()));
                }
            }
            case Observation.Unknown unknown -> {
                // what was known before holds
            }
            case Observation.Running running -> running(spec, running.startedAt());
            case Observation.Exited exited -> ended(spec, exited);
        }
    }

    private void running(PodContainer spec, Instant startedAt) {
        record.startedAt = startedAt;
        record.waiting("", "");
        if (record.postStartDue) {
            return; // neither probed nor ready before it has returned
        }
        if (probes == null && record.stopSince == null) {
            ContainerProbes fresh = new ContainerProbes(
                    pod.runtime(),
                    run(),
                    spec,
                    pod.podIp(),
                    record.started,
                    record.ready,
                    pod::wake,
                    (reason, message) -> pod.event("Warning", reason, message));
            fresh.begin(Duration.between(startedAt, Instant.now()));
            probes = fresh;
        }
        if (probes != null) {
            record.started = probes.started();
            record.ready = probes.ready();
        }
    }

    private void ended(PodContainer spec, Observation.Exited exited) {
        close();
        pod.wake(); // what follows from it is decided in a new look
        record.waiting("", "");
        record.exit = pod.told(spec, run(), exited);
        record.startedAt = exited.startedAt();
        record.stopSince = null;
        record.askedAt = null;
        record.postStartDue = false;
        record.ready = false;
        record.started = false;
        if (exited.reason().equals("OOMKilled")) {
            pod.event("Warning", "OOMKilling", "Container %s exceeded its memory limit".formatted(record.name));
        }
    }

    /**
     * Starts the container where it has no run, or another where the last one ended and its policy allows it.
     *
     * @param restart whether an ended container may start again
     */
    void ensureRuns(PodContainer spec, boolean restart) throws InterruptedException {
        if (record.running()) {
            postStart(spec);
            stopIfUnhealthy(spec);
            return;
        }
        if (record.exit != null) {
            if (!restart || backingOff()) {
                return;
            }
            Instant ended = record.exit.finishedAt();
            record.backOff = BackOff.next(record.backOff, ended, pod.now());
            record.last = record.exit;
            nextAttempt();
        } else if (record.attempt < 0) {
            nextAttempt();
        }
        if (retryAt == null || over(retryAt)) {
            start(spec);
        }
    }

    /** Also when it lies further ahead than anything is put off: the clock was set back. */
    private boolean over(Instant time) {
        Duration left = Duration.between(pod.now(), time);
        return !left.isPositive() || left.compareTo(BackOff.LONGEST) > 0;
    }

    private boolean backingOff() {
        Observation.Exited exit = java.util.Objects.requireNonNull(record.exit);
        Optional<Instant> earliest = BackOff.notBefore(record.backOff, exit.finishedAt(), pod.now());
        if (earliest.isEmpty()) {
            return false;
        }
        String delay =
                goDuration(java.util.Objects.requireNonNull(record.backOff).delay());
        String message = "back-off %s restarting failed container=%s pod=%s_%s(%s)"
                .formatted(
                        delay,
                        record.name,
                        pod.pod().name(),
                        pod.pod().namespace(),
                        pod.pod().uid());
        if (!record.waitingReason.equals("CrashLoopBackOff")) {
            pod.event("Warning", "BackOff", message);
        }
        record.waiting("CrashLoopBackOff", message);
        retryAt = earliest.get();
        return true;
    }

    private void nextAttempt() {
        record.attempt++;
        record.exit = null;
        record.startedAt = null;
        record.stopSince = null;
        record.askedAt = null;
        record.postStartDue = false;
        record.started = false;
        record.ready = false;
        retryAt = null;
    }

    private void start(PodContainer spec) throws InterruptedException {
        retryAt = null;
        switch (pod.plan(spec, run())) {
            case RunPlan.NotYet(Failure failure) -> {
                if (failure.isPending()) {
                    record.waiting(failure.reason(), "");
                    return; // asked again with each look: the runtime wakes us
                }
                if (!record.waitingReason.equals(failure.reason())
                        || !record.waitingMessage.equals(failure.message())) {
                    pod.event("Warning", "Failed", failure.message());
                }
                record.waiting(failure.reason(), failure.message());
                retryAt = pod.now().plusSeconds(10);
            }
            case RunPlan.Ready(RunSpec run) -> {
                record.postStartDue = LifecycleHook.Type.POST_START.in(spec);
                pod.save();
                if (record.attempt >= 2) {
                    pod.runtime().remove(new RunId(run.id().podUid(), record.name, record.attempt - 2));
                }
                record.image = run.image();
                record.imageId = pod.runtime().imageId(run.image());
                started(spec, run, pod.start(run));
            }
        }
    }

    private void started(PodContainer spec, RunSpec run, StartOutcome outcome) {
        switch (outcome) {
            case StartOutcome.Started(Instant at) -> {
                pod.event("Normal", "Started", "Started container " + record.name);
                record.waiting("", "");
                record.startedAt = at;
                observe(spec);
                postStart(spec);
            }
            case StartOutcome.BadCommand(String message) -> {
                pod.event("Warning", "Failed", "Error: " + message);
                observe(spec);
            }
            case StartOutcome.Failed(Failure failure) -> {
                pod.event("Warning", "Failed", failure.message());
                record.waiting(failure.reason(), failure.message());
                pod.runtime().remove(run.id());
                retryAt = pod.now().plusSeconds(10);
            }
        }
    }

    private void postStart(PodContainer spec) {
        if (!record.running() || !record.postStartDue || record.stopSince != null) {
            return;
        }
        switch (hooks.postStart(spec, run())) {
            case RUNNING -> {} // it wakes us
            case SUCCEEDED -> {
                record.postStartDue = false;
                pod.save();
                observe(spec);
            }
            case FAILED -> {
                pod.event("Warning", "FailedPostStartHook", "PostStartHook failed");
                pod.event("Normal", "Killing", "FailedPostStartHook");
                stop(Duration.ofSeconds(pod.pod().graceSeconds()));
            }
        }
    }

    private void stopIfUnhealthy(PodContainer spec) {
        Optional<ContainerProbes.Failed> failed = probes == null ? Optional.empty() : probes.failed();
        if (record.stopSince == null && failed.isPresent()) {
            pod.event(
                    "Normal",
                    "Killing",
                    "Container %s failed %s probe, will be restarted"
                            .formatted(record.name, failed.get().type().name().toLowerCase(java.util.Locale.ROOT)));
        }
        if (failed.isPresent()) {
            stop(Duration.ofSeconds(failed.get().graceSeconds().orElse(pod.pod().graceSeconds())));
        } else if (!record.image.equals(spec.image())) {
            if (record.stopSince == null) {
                pod.event(
                        "Normal",
                        "Killing",
                        "Container %s definition changed, will be restarted".formatted(record.name));
            }
            stop(Duration.ofSeconds(pod.pod().graceSeconds()));
        } else if (record.stopSince != null) { // for a reason that an agent before this one may have had
            stop(Duration.ofSeconds(pod.pod().graceSeconds()));
        }
    }

    /** Ends the current run: calls its preStop hook, asks, kills when the grace period, counted from the first call, is over. */
    void stop(Duration grace) {
        if (!record.current()) {
            return;
        }
        if (record.stopSince == null && probes != null) {
            probes.close();
        }
        retryAt = stop.step(run(), grace);
    }

    /** When this container wants to be looked at again, if it knows. */
    Optional<Instant> wakeAt() {
        return Optional.ofNullable(retryAt);
    }

    /** Go's rendering of a duration, as in upstream's messages: 10s, 2m40s, 5m0s. */
    static String goDuration(Duration duration) {
        return duration.toMinutes() > 0
                ? duration.toMinutes() + "m" + duration.toSecondsPart() + "s"
                : duration.toSeconds() + "s";
    }

    /** What kept the container waiting may have changed; back-off after an exit is kept. */
    void retryNow() {
        if (record.exit == null && record.stopSince == null) {
            retryAt = null;
        }
    }

    /** Ends probing and hooks, not the container. */
    @Override
    public void close() {
        hooks.close();
        if (probes != null) {
            probes.close();
            probes = null;
        }
    }
}
