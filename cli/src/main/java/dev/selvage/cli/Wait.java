package dev.selvage.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Waits for something that another process does. */
final class Wait {
    private static final Duration BETWEEN = Duration.ofMillis(100);

    private Wait() {}

    /**
     * Asks until there is an answer.
     *
     * @param failed asked each time; a text ends the wait at once
     * @throws CommandFailed after the limit, naming what was awaited
     */
    static <T> T until(String what, Duration limit, Supplier<Optional<T>> answer, Supplier<Optional<String>> failed) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<T> found = answer.get();
            if (found.isPresent()) {
                return found.get();
            }
            failed.get().ifPresent(reason -> {
                throw new CommandFailed(reason);
            });
            if (System.nanoTime() > end) {
                throw new CommandFailed(what + " did not happen within " + limit.toSeconds() + " s");
            }
            try {
                Thread.sleep(BETWEEN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailed("interrupted while waiting for " + what, e);
            }
        }
    }
}
