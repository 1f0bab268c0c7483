package dev.selvage.workloads;

import java.time.Instant;

/** The state of a run. */
public sealed interface Observation {
    /** The runtime knows nothing of it: it was never started, or has been removed. */
    record Absent() implements Observation {}

    /** The runtime cannot tell at the moment, because its engine does not answer say: what was known before holds. */
    record Unknown(String reason) implements Observation {}

    /** @param pid of the main process on the host, 0 where there is none to name */
    record Running(long pid, Instant startedAt) implements Observation {}

    /**
     * @param exitCode 128 + signal number when a signal ended it
     * @param reason Completed, Error, OOMKilled, StartError, ContainerStatusUnknown
     * @param message for people, may be empty
     */
    record Exited(int exitCode, String reason, String message, Instant startedAt, Instant finishedAt)
            implements Observation {}
}
