package dev.selvage.workloads;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Runs containers: processes, OCI containers, WASM modules and virtual machines each implement it.
 *
 * <p>A run is named by {@link RunId} (pod uid, container, attempt) and by nothing else: the runtime finds everything it
 * started again by that name, whether this process started it or one before. That is what adoption rests on, so a
 * runtime must record a run before it can have effects, and must not tie its life to this process.
 *
 * <p>All methods block and are called from virtual threads, for one run from one thread at a time (except
 * {@link #exec} and {@link #interact}). Failures are values; an exception is a bug or a broken machine and is reported as such.
 */
public interface PodRuntime extends AutoCloseable {
    /** The {@code runtimeClassName} it serves. */
    String name();

    /** The scheme of containerID, as in {@code process://…}. */
    default String idScheme() {
        return name();
    }

    /** A run's name in containerID; people find the run in the engine by it. */
    default String runName(RunId run) {
        return run.toString();
    }

    /** What a run gets where its pod says nothing. */
    RunDefaults defaults(String hostname);

    RuntimeFeatures features();

    /** Called with a run whenever it may have ended; a hint, {@link #observe} tells. */
    void onChange(java.util.function.Consumer<RunId> listener);

    /** Why this runtime cannot run the pod, naming the field; empty when it can. */
    Optional<String> refuse(dev.selvage.model.Pod pod);

    /**
     * Makes sure that the image is there: pulls by policy, checks a directory. Empty = ready. Does not wait for a pull: the
     * answer is {@link Failure#pending} while it goes on.
     */
    Optional<Failure> image(ImageRequest request);

    /** Images that are here, the largest first and at most 50 as upstream's node status has them. Cheap: what was last seen. */
    default List<LocalImage> images() {
        return List.of();
    }

    /** What status names the image's content by; asked once a run of it has started. */
    default String imageId(String image) {
        return image;
    }

    /**
     * What all containers of a pod share: a network namespace, a cgroup. Idempotent. Empty = ready. Where it must be made
     * anew, containers that still hold the old one are ended.
     */
    Optional<Failure> preparePod(PodSandbox pod);

    /** Whether what {@link #preparePod} made is still there, as far as known. Cheap. */
    default boolean prepared(String podUid) {
        return true;
    }

    /** The pod's own address once it is prepared; empty where it has the node's. */
    default Optional<String> podIp(String podUid) {
        return Optional.empty();
    }

    /** The pod has ended and its containers too: lets go of what {@link #preparePod} made, keeps runs and logs. */
    default void releasePod(String podUid) {}

    /** Starts a run, or reports the one that already has this name. */
    StartOutcome start(RunSpec spec);

    /** What has become of a run. Cheap: called every few seconds for each. */
    Observation observe(RunId run);

    /** Every run of the pod that left a trace, in no order: finds again what the agent's own state has lost. */
    List<RunId> runs(String podUid);

    /** Asks the main process to end (SIGTERM, shutdown). Does nothing when it has ended. */
    void terminate(RunId run);

    /** Ends everything in the container at once. Returns without waiting for the end. */
    void kill(RunId run);

    /** Runs a command inside; output is cut at a few KiB. The command is killed at the timeout. */
    ExecOutcome exec(RunId run, List<String> command, Duration timeout);

    /**
     * Runs a command inside with its streams connected, and returns when it has ended and its output has been written. Interrupting the caller, or an output that fails,
     * ends the command and what it has started. Several may run in one container at a time, each on a thread of its own.
     *
     * @throws InterruptedException the command was ended because the caller was interrupted
     * @throws IOException the command was ended because the client has gone
     */
    default ExecEnd interact(RunId run, ExecRequest request, ExecStreams streams)
            throws IOException, InterruptedException {
        return new ExecEnd.NotPossible("the runtime \"" + name() + "\" runs no interactive commands");
    }

    /**
     * Writes a run's output; with follow it returns when the run has ended, or {@code out} fails. The runtime bounds what
     * it keeps of each run's output by itself.
     */
    void logs(RunId run, LogRequest request, OutputStream out) throws IOException;

    /** Bytes of output kept on disk. */
    long logBytes(RunId run);

    /**
     * Bytes that a run takes of the node's disk besides volumes: its own layer and its output. Not cheap: asked only where a
     * limit says so. 0 = not known, or none.
     */
    default long writtenBytes(RunId run) {
        return 0;
    }

    /** Forgets an ended run and its output. */
    void remove(RunId run);

    /** Forgets what {@link #preparePod} made, ending whatever still runs there. */
    void removePod(String podUid);

    /** Lets go of threads and watches, never of containers. */
    @Override
    void close();
}
