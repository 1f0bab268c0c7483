package dev.selvage.store;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Heartbeats and session epochs of nodes: narrow rows, judged in database time, never revisions. Every method throws
 * {@link StoreUnavailableException} when the database cannot be reached: a caller must then decide nothing that would stop a workload.
 */
public interface Leases {
    /** Begins a session: the epoch is greater than that of every earlier session of the node. Counts as a heartbeat. */
    long open(String node, String hub);

    /** Begins a session only if the epoch still is {@code expected}; false when another session was opened meanwhile. */
    boolean compareAndOpen(String node, String hub, long expected, long next);

    /** The epoch of the node's latest session; 0 if it never had one. */
    long epoch(String node);

    /** Records a heartbeat of each node; nodes without a row get one. */
    void renew(Collection<String> nodes);

    /**
     * Records a heartbeat of each node whose session still is the latest.
     *
     * @param epochs session epoch by node
     * @return the nodes that have a later session elsewhere, or none any more: theirs here must end
     */
    Set<String> renew(Map<String, Long> epochs);

    /** Time since each node's last heartbeat, by the database's clock. */
    Map<String, Duration> ages();

    /** Time since the node's last heartbeat, by the database's clock; empty if it never had a session. */
    Optional<Duration> age(String node);

    /** Forgets nodes that are deleted. */
    void remove(Collection<String> nodes);
}
