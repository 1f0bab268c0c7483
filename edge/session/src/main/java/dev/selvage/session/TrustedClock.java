package dev.selvage.session;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The time as the hubs tell it, carried on by the monotonic clock: the node's own clock may be wrong by days. It is kept on disk at most once a minute, as a lower
 * bound for the next start.
 */
final class TrustedClock {
    private static final System.Logger LOG = System.getLogger(TrustedClock.class.getName());
    private static final Duration SAVE_EVERY = Duration.ofMinutes(1);

    private final IdentityFile file;
    private final Clock local;
    private Instant bound;
    private Instant saved;
    private long heardAt;
    private boolean synced;

    TrustedClock(IdentityFile file, Clock local) {
        this.file = file;
        this.local = local;
        this.bound = file.trustedTime();
        this.saved = bound;
        this.heardAt = System.nanoTime();
    }

    synchronized void heard(long hubTimeMillis) {
        bound = Instant.ofEpochMilli(hubTimeMillis);
        heardAt = System.nanoTime();
        synced = true;
        if (Duration.between(saved, bound).compareTo(SAVE_EVERY) >= 0) {
            saved = bound;
            try {
                file.saveTrustedTime(bound);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cannot keep the trusted time: " + e.getMessage());
            }
        }
    }

    /** It is this time or later. */
    synchronized Instant lowerBound() {
        return bound.plusNanos(System.nanoTime() - heardAt);
    }

    /** The best guess: what the hub told, else the later of own clock and lower bound. */
    synchronized Instant now() {
        Instant carried = lowerBound();
        Instant own = local.instant();
        return synced || own.isBefore(carried) ? carried : own;
    }
}
