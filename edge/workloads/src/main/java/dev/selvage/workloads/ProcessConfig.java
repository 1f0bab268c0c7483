package dev.selvage.workloads;

import java.nio.file.Path;

/**
 * How process pods run.
 *
 * @param home where runs are recorded; the same directory finds them again
 * @param podPids processes and threads one pod may have
 * @param logBytes output kept per run; older output is dropped
 */
public record ProcessConfig(Path home, long podPids, long logBytes) {
    public static final long DEFAULT_POD_PIDS = 1024;
    public static final long DEFAULT_LOG_BYTES = 30L << 20;

    public ProcessConfig {
        if (podPids < 16 || logBytes < 64 << 10) {
            throw new IllegalArgumentException(
                    "podPids %d must be at least 16, logBytes %d at least 65536".formatted(podPids, logBytes));
        }
    }

    public static ProcessConfig of(Path home) {
        return new ProcessConfig(home, DEFAULT_POD_PIDS, DEFAULT_LOG_BYTES);
    }
}
