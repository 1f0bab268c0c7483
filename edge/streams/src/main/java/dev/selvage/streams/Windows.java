package dev.selvage.streams;

import dev.selvage.model.plan.Window;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The open windows of one stream. Event time is the time of the readings, which the node stamps; it is held against the
 * node's clock, so that neither a wild reading nor a clock that is set can wedge a stream:
 * <ul>
 *   <li>a reading further ahead of the clock than the look-ahead is dropped;
 *   <li>when the clock has fallen back further than that, open windows are closed as partial and time begins anew;
 *   <li>when it has leapt ahead, windows that were open are partial;
 *   <li>a window that was emitted is never opened again.
 * </ul>
 */
final class Windows {
    private static final int MAX_OPEN = 16;
    private static final long CLOCK_EVERY = 1_000;

    /** Hears of a window that takes no more readings. */
    interface Closing {
        void closed(Open window, boolean partial);
    }

    /** One window. */
    static final class Open {
        final long start;
        final long end;
        final Accumulators accumulators;
        boolean partial;

        Open(long start, long end, boolean partial, Accumulators accumulators) {
            this.start = start;
            this.end = end;
            this.partial = partial;
            this.accumulators = accumulators;
        }
    }

    private final Window spec;
    private final Layout layout;
    private final Clock clock;
    private final long lateness;
    private final long lookAhead;
    private final Emitted emitted;
    private final Closing closing;
    private final List<Open> open = new ArrayList<>();
    private @Nullable Open latest;
    private long startedAt;
    private long now;
    private long maxSeen;
    private long late;
    private long dropped;
    private long joins;

    Windows(Window spec, Layout layout, StreamsConfig config, Emitted emitted, Closing closing) {
        this.spec = spec;
        this.layout = layout;
        this.clock = config.clock();
        this.lateness = config.lateness().toMillis();
        this.lookAhead = config.lookAhead().toMillis();
        this.emitted = emitted;
        this.closing = closing;
        now = clock.millis();
        startedAt = now;
        maxSeen = now - lookAhead;
    }

    /** Lets time advance by a reading; false when the reading is too far ahead to count. */
    boolean observe(long at) {
        if (at > maxSeen) {
            if (at - now > CLOCK_EVERY) {
                read(clock.millis());
            }
            if (at > now + lookAhead) {
                dropped++;
                return false;
            }
            maxSeen = at;
            closeEnded();
        } else if (at < maxSeen - lookAhead) {
            advance(clock.millis());
        }
        return true;
    }

    /** The window of a reading that {@link #observe} has let through, or null when it is closed. */
    @Nullable
    Accumulators at(long at) {
        Open window = latest;
        if (window == null || at < window.start || at >= window.end) {
            window = find(at);
            latest = window == null ? latest : window;
        }
        return window == null ? null : window.accumulators;
    }

    /** Lets time advance by the clock. */
    void advance(long wall) {
        read(wall);
        if (maxSeen > wall + lookAhead) {
            closeAll(true);
            startedAt = wall;
            maxSeen = wall;
        }
        maxSeen = Math.max(maxSeen, wall);
        closeEnded();
    }

    /** Closes every window; those whose end has not passed are partial. */
    void flush() {
        advance(clock.millis());
        closeAll(false);
    }

    /** Puts back a window that a checkpoint kept: cut by the stop, so partial. */
    Accumulators restore(long start) {
        Open window = new Open(start, start + spec.sizeMillis(), true, new Accumulators(layout, 4));
        open.add(window);
        return window.accumulators;
    }

    List<Open> open() {
        return open;
    }

    boolean holds(int key) {
        return open.stream().anyMatch(w -> w.accumulators.seen(key));
    }

    Emitted emitted() {
        return emitted;
    }

    long late() {
        return late;
    }

    long dropped() {
        return dropped;
    }

    /** A device has its first reading in a window. */
    void joined() {
        joins++;
    }

    /** How many parts of devices in windows have begun, each a window of its own to the centre: a checkpoint is due when one did. */
    long joins() {
        return joins;
    }

    long bytes() {
        long bytes = 0;
        for (Open window : open) {
            bytes += window.accumulators.bytes();
        }
        return bytes;
    }

    private void read(long wall) {
        if (wall - now > lookAhead) {
            open.forEach(w -> w.partial = true);
        }
        now = wall;
    }

    private @Nullable Open find(long at) {
        long start = spec.startOf(at);
        for (Open window : open) {
            if (window.start == start) {
                return window;
            }
        }
        long end = start + spec.sizeMillis();
        if (end <= maxSeen - lateness || emitted.contains(end)) {
            late++;
            return null;
        }
        if (open.size() >= MAX_OPEN) {
            dropped++;
            return null;
        }
        Open window = new Open(start, end, start < startedAt, new Accumulators(layout, 4));
        open.add(window);
        return window;
    }

    private void closeEnded() {
        if (!open.isEmpty()) {
            close(maxSeen - lateness, false);
        }
    }

    private void closeAll(boolean cut) {
        open.sort(Comparator.comparingLong(w -> w.start));
        while (!open.isEmpty()) {
            Open first = open.getFirst();
            finish(first, cut || first.end > now);
        }
    }

    private void close(long upTo, boolean cut) {
        for (int i = 0; i < open.size(); ) {
            Open window = open.get(i);
            if (window.end <= upTo) {
                finish(window, cut);
            } else {
                i++;
            }
        }
    }

    private void finish(Open window, boolean cut) {
        open.remove(window);
        latest = latest == window ? null : latest;
        emitted.add(window.end);
        closing.closed(window, window.partial || cut);
    }
}
