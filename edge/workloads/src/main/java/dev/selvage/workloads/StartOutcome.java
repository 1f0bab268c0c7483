package dev.selvage.workloads;

import java.time.Instant;

/** What became of an attempt to start. */
public sealed interface StartOutcome {
    /** It runs, or ran and ended already: {@link PodRuntime#observe} tells. */
    record Started(Instant at) implements StartOutcome {}

    /** The command could not be executed; upstream's reason {@code StartError}. Counts as a failed run. */
    record BadCommand(String message) implements StartOutcome {}

    /** The container could not be made; tried again. */
    record Failed(Failure failure) implements StartOutcome {}
}
