package dev.selvage.server;

import dev.selvage.backup.Listener;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** One line a table, and every few seconds how far a large one is. */
final class BackupProgress implements Listener {
    private static final Duration BETWEEN = Duration.ofSeconds(3);

    private final PrintStream out;
    private long next = System.nanoTime() + BETWEEN.toNanos();

    BackupProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void table(String table, long rows, long bytes, boolean done) {
        long now = System.nanoTime();
        if (!done && now < next) {
            return;
        }
        next = now + BETWEEN.toNanos();
        out.printf(
                Locale.ROOT,
                "  %s %-22s %,12d rows %10.1f MiB%n",
                done ? "✓" : "…",
                table,
                rows,
                bytes / (1024.0 * 1024.0));
    }
}
