package dev.selvage.devices;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When a device's status may be published. A change goes out at once; changes that follow closely wait, each time twice
 * as long, so that a flapping device costs the centre one revision a minute and not one a poll. What only carries new
 * values goes out at most once in {@code every}. Not thread-safe.
 */
final class StatusPace {
    private static final long FIRST_GAP = TimeUnit.SECONDS.toNanos(1);

    private final long every;
    private long last;
    private long gap = FIRST_GAP;
    private boolean any;

    StatusPace(Duration every) {
        this.every = every.toNanos();
    }

    /**
     * Whether to publish now.
     *
     * @param changed a quality, the connection or a write changed since the last status
     * @param newValues only values changed
     */
    boolean due(boolean changed, boolean newValues, long now) {
        if (!any) {
            return changed || newValues;
        }
        return (changed && now - last >= gap) || (newValues && now - last >= every);
    }

    /** Nanoseconds until a change that waits may go out. */
    long untilDue(long now) {
        return any ? Math.max(0, last + gap - now) : 0;
    }

    void published(boolean changed, long now) {
        boolean soon = any && now - last < 10 * gap;
        gap = changed && soon ? Math.min(gap * 2, Math.max(every, FIRST_GAP)) : FIRST_GAP;
        last = now;
        any = true;
    }
}
