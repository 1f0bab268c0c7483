package dev.selvage.control.workload;

import dev.selvage.control.frame.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long to wait before something is tried again that ended too soon; forgets after twice the longest wait (upstream's flowcontrol.Backoff). */
final class Delays {
    private static final int REMEMBERED = 10_000;

    private static final Attempt NONE = new Attempt(0, Instant.EPOCH);

    private final Backoff backoff;
    private final Map<String, Attempt> attempts = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Attempt> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param until before then it is not tried again */
    private record Attempt(int count, Instant until) {}

    Delays(Backoff backoff) {
        this.backoff = backoff;
    }

    /** What is left to wait; nothing when it may be tried now, which counts as an attempt. */
    synchronized Duration before(String key, Instant now) {
        Attempt last = attempts.getOrDefault(key, NONE);
        if (now.isBefore(last.until())) {
            return Duration.between(now, last.until());
        }
        boolean forgotten = now.isAfter(last.until().plus(backoff.most().multipliedBy(2)));
        int count = forgotten ? 1 : last.count() + 1;
        attempts.put(key, new Attempt(count, now.plus(backoff.after(count))));
        return Duration.ZERO;
    }
}
