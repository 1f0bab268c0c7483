package dev.selvage.hub;

/**
 * How much the hub takes.
 *
 * @param connections over all peers; one more is closed at once
 * @param newcomers connections that have not said yet what they are for
 * @param streamsPerNode interactive streams of a node at a time
 * @param messagesPerSecond of one control connection, sustained; a node that sends more is cut off
 * @param admissionsPerSecond sessions begun, after a burst of two seconds' worth; a node beyond it is told when to come back
 * @param eventsPerSecond of one node, sustained; more are dropped and counted
 */
public record HubLimits(
        int connections,
        int newcomers,
        int streamsPerNode,
        int messagesPerSecond,
        int admissionsPerSecond,
        int eventsPerSecond) {
    static final HubLimits DEFAULTS = new HubLimits(20_000, 1_024, 32, 2_000, 200, 10);

    /**
     * Lets connections take no more than half of the process's open files: what is refused by us is told, what the kernel refuses is not.
     *
     * @param openFiles that the process may have
     */
    HubLimits withinOpenFiles(long openFiles) {
        int most = (int) Math.min(connections, Math.max(1, openFiles / 2));
        return new HubLimits(
                most,
                Math.min(newcomers, most),
                streamsPerNode,
                messagesPerSecond,
                admissionsPerSecond,
                eventsPerSecond);
    }

    public HubLimits withAdmissions(int perSecond) {
        return new HubLimits(connections, newcomers, streamsPerNode, messagesPerSecond, perSecond, eventsPerSecond);
    }
}
