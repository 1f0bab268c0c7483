package dev.selvage.control;

import dev.selvage.control.frame.Backoff;
import dev.selvage.control.frame.Leader;
import dev.selvage.control.node.NodeTiming;
import java.time.Duration;

/**
 * How fast the controllers judge.
 *
 * @param leaderTerm how long a silent leader keeps the others out
 * @param nodes when a node counts as unreachable
 * @param resync how often every object is looked at again without cause, which heals what no event told
 * @param jobs how long a Job waits for its next pod after a failed one
 */
public record ControlConfig(Duration leaderTerm, NodeTiming nodes, Duration resync, Backoff jobs) {
    /** Upstream's: 10 s after the first failure, twice as long after each further one, ten minutes at most. */
    public static final Backoff JOBS = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(10));

    public static final ControlConfig DEFAULT =
            new ControlConfig(Leader.DEFAULT_TERM, NodeTiming.DEFAULT, Duration.ofMinutes(10), JOBS);

    public ControlConfig {
        if (leaderTerm.compareTo(Duration.ofMillis(500)) < 0) {
            throw new IllegalArgumentException("leader-term: found " + leaderTerm + ", accepted is at least 500 ms");
        }
        if (!resync.isPositive()) {
            throw new IllegalArgumentException("resync: found " + resync + ", accepted is a positive duration");
        }
    }
}
