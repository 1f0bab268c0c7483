package dev.selvage.agent;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** How near the agent is to its limit of open files (proc(5), limits and fd): at the limit it can read no file and take no connection, which looks like many faults. */
final class OpenFiles {
    private static final double NEAR = 0.9;
    private static final String ADVICE =
            "raise the limit of the agent's service (LimitNOFILE), or find who keeps connections to 127.0.0.1 open";

    private final SystemFiles files;

    OpenFiles(SystemFiles files) {
        this.files = files;
    }

    /** @throws IllegalStateException near the limit, with what to do */
    void check() {
        long open;
        try {
            open = open();
        } catch (IOException e) {
            throw new IllegalStateException("open files: at the limit (" + e.getMessage() + "); " + ADVICE, e);
        }
        long limit = limit();
        if (open >= NEAR * limit) {
            throw new IllegalStateException("open files: " + open + " of " + limit + " are in use; " + ADVICE);
        }
    }

    /** The soft limit; as good as none when it cannot be read. */
    private long limit() {
        return files.lines("proc/self/limits").stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.substring("Max open files".length()).strip().split("\\s+")[0])
                .filter(number -> number.matches("\\d{1,18}"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    private static long open() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path entry : entries) {
                count += entry.getNameCount() > 0 ? 1 : 0;
            }
        }
        return count;
    }
}
