package dev.selvage.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;

/**
 * What a bench may use.
 *
 * @param root the checkout, with the launcher
 * @param jdk runs child processes
 * @param duration how long a bench over time takes
 * @param seed what a bench that draws numbers begins with
 * @param rounds how often a bench in rounds does its work
 * @param quick whether a smaller load will do: to see that a bench runs, not for figures
 * @param progress for people; standard output is the report's
 */
public record Context(
        Path root, Path jdk, Duration duration, long seed, int rounds, boolean quick, PrintStream progress) {
    public void say(String text) {
        progress.println("  " + text);
        progress.flush();
    }

    interface Work {
        Report in(Path directory) throws Exception;
    }

    /** Runs work in a new directory, which is gone afterwards. */
    static Report inTemporary(Work work) throws Exception {
        Path directory = Files.createTempDirectory("selvage-bench");
        try {
            return work.in(directory);
        } finally {
            delete(directory);
        }
    }

    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
