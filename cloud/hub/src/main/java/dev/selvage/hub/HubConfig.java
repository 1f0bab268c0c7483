package dev.selvage.hub;

import dev.selvage.link.LinkProtocol;
import java.time.Duration;

/**
 * Where the hub listens and what it allows.
 *
 * @param port 0 takes a free one, see {@link Hub#port()}
 * @param name of this hub among several, kept with each session
 * @param heartbeat how often nodes are told to send a sign of life
 * @param beat how often a node hears one, at most
 * @param idle a node that is not heard for this long is cut off
 * @param handshake bound of TLS handshake and first message
 * @param stall a node that reads nothing of what it is sent for this long is cut off
 * @param maxConnections over all peers; one more is closed at once
 * @param maxNewcomers connections that have not said yet what they are for
 * @param maxStreamsPerNode interactive streams of a node at a time
 * @param messagesPerSecond of one control connection, sustained; a node that sends more is cut off
 * @param admissionsPerSecond sessions begun; a node beyond it is told when to come back
 * @param eventsPerSecond of one node, sustained; more are dropped and counted
 */
public record HubConfig(
        String host,
        int port,
        String name,
        Duration heartbeat,
        Duration beat,
        Duration idle,
        Duration handshake,
        Duration stall,
        int maxConnections,
        int maxNewcomers,
        int maxStreamsPerNode,
        int messagesPerSecond,
        int admissionsPerSecond,
        int eventsPerSecond) {

    public HubConfig {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("link-port: found " + port + ", accepted are 0 to 65535");
        }
        if (idle.compareTo(heartbeat) <= 0) {
            throw new IllegalArgumentException(
                    "idle: found " + idle + ", accepted is more than the heartbeat's " + heartbeat);
        }
    }

    public static HubConfig defaults(String host, int port) {
        return new HubConfig(
                host,
                port,
                "hub",
                LinkProtocol.HEARTBEAT,
                Duration.ofMinutes(1),
                Duration.ofSeconds(45),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                20_000,
                1_024,
                32,
                2_000,
                200,
                10);
    }

    public HubConfig withHeartbeat(Duration every, Duration answered, Duration idleLimit) {
        return new HubConfig(
                host,
                port,
                name,
                every,
                answered,
                idleLimit,
                handshake,
                stall,
                maxConnections,
                maxNewcomers,
                maxStreamsPerNode,
                messagesPerSecond,
                admissionsPerSecond,
                eventsPerSecond);
    }

    /**
     * Lets connections take no more than half of the process's open files: what is refused by us is told, what the kernel refuses is not.
     *
     * @param openFiles that the process may have
     */
    public HubConfig withinOpenFiles(long openFiles) {
        int most = (int) Math.min(maxConnections, Math.max(1, openFiles / 2));
        return new HubConfig(
                host,
                port,
                name,
                heartbeat,
                beat,
                idle,
                handshake,
                stall,
                most,
                Math.min(maxNewcomers, most),
                maxStreamsPerNode,
                messagesPerSecond,
                admissionsPerSecond,
                eventsPerSecond);
    }

    public HubConfig withHandshake(Duration limit) {
        return new HubConfig(
                host,
                port,
                name,
                heartbeat,
                beat,
                idle,
                limit,
                stall,
                maxConnections,
                maxNewcomers,
                maxStreamsPerNode,
                messagesPerSecond,
                admissionsPerSecond,
                eventsPerSecond);
    }

    public HubConfig withStall(Duration limit) {
        return new HubConfig(
                host,
                port,
                name,
                heartbeat,
                beat,
                idle,
                handshake,
                limit,
                maxConnections,
                maxNewcomers,
                maxStreamsPerNode,
                messagesPerSecond,
                admissionsPerSecond,
                eventsPerSecond);
    }

    /** How many sessions begin in a second, after a burst of two seconds' worth. */
    public HubConfig withAdmissions(int perSecond) {
        return new HubConfig(
                host,
                port,
                name,
                heartbeat,
                beat,
                idle,
                handshake,
                stall,
                maxConnections,
                maxNewcomers,
                maxStreamsPerNode,
                messagesPerSecond,
                perSecond,
                eventsPerSecond);
    }

    /** A node that hears nothing for this long takes the link for dead: two answers may be late. */
    Duration silence() {
        return beat.multipliedBy(2).plus(heartbeat.multipliedBy(2));
    }
}
