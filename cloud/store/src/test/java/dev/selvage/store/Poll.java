package dev.selvage.store;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;

/** Waits for what must come true, with a deadline; a failure to look counts as not yet. */
final class Poll {
    private Poll() {}

    static void until(Callable<Boolean> condition) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(60);
        Throwable last = new AssertionError("condition is false");
        while (Instant.now().isBefore(deadline)) {
            try {
                if (condition.call()) {
                    return;
                }
            } catch (Exception e) {
                last = e;
            }
            Thread.sleep(Duration.ofMillis(20));
        }
        throw new AssertionError("not within 60 s", last);
    }
}
