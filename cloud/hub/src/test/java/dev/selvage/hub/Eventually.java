package dev.selvage.hub;

import java.time.Duration;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Waits for what must come true; the last failure is the test's. */
final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private Eventually() {}

    static void eventually(ThrowingCallable assertion) throws Exception {
        eventually(LIMIT, assertion);
    }

    static void eventually(Duration limit, ThrowingCallable assertion) throws Exception {
        Instant deadline = Instant.now().plus(limit);
        while (true) {
            try {
                assertion.call();
                return;
            } catch (Throwable e) {
                if (Instant.now().isAfter(deadline)) {
                    throw new AssertionError("not within " + limit.toSeconds() + " s: " + e.getMessage(), e);
                }
            }
            Thread.sleep(20);
        }
    }
}
