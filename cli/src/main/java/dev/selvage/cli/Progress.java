package dev.selvage.cli;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/** Says what is happening while it happens: one line a step, with how long it took. */
final class Progress {
    private final PrintStream out;
    private final boolean terminal = isTerminal();

    Progress(PrintStream out) {
        this.out = out;
    }

    /** Runs a step; what it returns is shown behind its name. */
    void step(String name, Supplier<String> work) {
        long start = System.nanoTime();
        if (terminal) {
            out.printf("  … %-18s", name);
            out.flush();
        }
        try {
            String result = work.get();
            line("✓", name, result, start);
        } catch (CommandFailed failed) {
            line("✗", name, "failed", start);
            throw failed;
        }
    }

    void note(String text) {
        out.println(text);
    }

    /** Since JDK 22 there may be a console even without a terminal. */
    @SuppressWarnings("SystemConsoleNull")
    static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private void line(String mark, String name, String result, long start) {
        double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
        out.printf(Locale.ROOT, "%s  %s %-18s %-58s %5.1f s%n", terminal ? "\r" : "", mark, name, result, seconds);
    }
}
