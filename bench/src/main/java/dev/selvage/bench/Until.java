package dev.selvage.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits for what another process does, looking each millisecond. */
public final class Until {
    private Until() {}

    public interface Condition {
        boolean holds() throws IOException;
    }

    public static void within(Duration limit, String what, Condition condition)
            throws IOException, InterruptedException {
        long begun = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - begun > limit.toNanos()) {
                throw new IOException("not within " + limit.toSeconds() + " s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }
}
