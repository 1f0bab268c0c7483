package dev.selvage.workloads;

import java.nio.file.Path;

/** Placeholder until the process runtime lands in the next commit. */
@SuppressWarnings("DoNotCallSuggester") // body follows
public final class ProcessRuntime {
    private ProcessRuntime() {}

    /**
     * @param home where runs are recorded; the same directory finds them again
     */
    public static PodRuntime open(Path home) {
        throw new UnsupportedOperationException(home.toString());
    }
}
