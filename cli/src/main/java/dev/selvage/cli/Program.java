package dev.selvage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another program's run, awaited. */
final class Program {
    private static final int MAX_TEXT = 4 << 20;

    private Program() {}

    /** @param output what it printed on both streams, of which the first 4 MiB are kept */
    record Ended(int exit, String output) {
        boolean well() {
            return exit == 0;
        }
    }

    /**
     * Runs it without input, and kills it after the limit.
     *
     * @throws IOException where there is no such program
     */
    static Ended run(Duration limit, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        Thread watch = Thread.startVirtualThread(() -> killAfter(limit, process));
        try {
            String output = new String(process.getInputStream().readNBytes(MAX_TEXT), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), output);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new CommandFailed("interrupted", e);
        } finally {
            watch.interrupt();
        }
    }

    private static void killAfter(Duration limit, Process process) {
        try {
            process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            process.destroyForcibly();
        } catch (InterruptedException ended) {
            // in time
        }
    }
}
