package dev.selvage.workloads;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The delay between restarts as upstream's kubelet has it: none before the first, then 10 s, doubling to 5 min; a
 * container that ran longer than 10 min since then begins anew.
 *
 * @param updated when this delay was set
 */
record BackOff(Duration delay, Instant updated) {
    private static final Duration FIRST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofMinutes(5);
    private static final Duration FORGOTTEN = LONGEST.multipliedBy(2);

    /** When a container that ended at {@code ended} may start; empty = now. */
    static Optional<Instant> notBefore(@Nullable BackOff backOff, Instant ended, Instant now) {
        if (backOff == null || backOff.forgotten(ended)) {
            return Optional.empty();
        }
        if (now.isBefore(ended)) { // the clock was set back, by who knows how much
            return Optional.empty();
        }
        Instant earliest = ended.plus(backOff.delay);
        return now.isBefore(earliest) ? Optional.of(earliest) : Optional.empty();
    }

    /** The delay that holds after a restart at {@code now} of a container that ended at {@code ended}. */
    static BackOff next(@Nullable BackOff backOff, Instant ended, Instant now) {
        if (backOff == null || backOff.forgotten(ended)) {
            return new BackOff(FIRST, now);
        }
        Duration twice = backOff.delay.multipliedBy(2);
        return new BackOff(twice.compareTo(LONGEST) > 0 ? LONGEST : twice, now);
    }

    private boolean forgotten(Instant ended) {
        return Duration.between(updated, ended).compareTo(FORGOTTEN) > 0;
    }
}
