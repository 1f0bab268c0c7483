package dev.selvage.agent;

import dev.selvage.containers.ImportProgress;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;

/** An import's progress: one line that changes on a terminal, else a line now and then. */
final class ImportLines implements ImportProgress {
    private static final Duration ON_TERMINAL = Duration.ofMillis(200);
    private static final Duration ELSEWHERE = Duration.ofSeconds(5);
    private static final int WIDTH = 78;

    private final PrintStream out;
    private final String file;
    private final boolean terminal = isTerminal();
    private String step = "";
    private long next = System.nanoTime();
    private boolean open;

    ImportLines(PrintStream out, String file) {
        this.out = out;
        this.file = file;
    }

    /** Since JDK 22 there may be a console even without a terminal. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    @Override
    public void at(String now, long done, long all) {
        if (now.equals(step) && System.nanoTime() < next) {
            return;
        }
        step = now;
        next = System.nanoTime() + (terminal ? ON_TERMINAL : ELSEWHERE).toNanos();
        String amount = now.equals("unpacking")
                ? "layer %d of %d".formatted(done, all)
                : "%3d %% of %s".formatted(all == 0 ? 100 : Math.min(100, done * 100 / all), StatusCommand.bytes(all));
        String line = "  %s: %s, %s".formatted(file, now, amount);
        if (terminal) {
            out.print("\r" + line + " ".repeat(Math.max(0, WIDTH - line.length())));
            out.flush();
            open = true;
        } else {
            out.println(line);
        }
    }

    void end() {
        if (open) {
            out.println();
            open = false;
        }
    }
}
