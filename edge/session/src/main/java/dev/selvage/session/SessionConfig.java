package dev.selvage.session;

import java.time.Duration;
import java.util.List;

/**
 * How a node reaches its hubs.
 *
 * @param hubs every hub that the node knows, tried in random order
 * @param connectTimeout bound of TCP connect, TLS handshake and first answer, each
 * @param minBackoff first upper bound of the wait between attempts; doubles with each failure (full jitter)
 * @param maxBackoff last upper bound of that wait
 * @param laneBatchBytes size of one upload
 * @param maxStreams interactive streams at a time; one more is answered with an error
 * @param machine what this machine says of itself
 */
public record SessionConfig(
        List<HubAddress> hubs,
        String agentVersion,
        Duration connectTimeout,
        Duration minBackoff,
        Duration maxBackoff,
        int laneBatchBytes,
        int maxStreams,
        NodeMachine machine) {

    public SessionConfig {
        hubs = List.copyOf(hubs);
        if (hubs.isEmpty()) {
            throw new IllegalArgumentException("hubs: found none, accepted is at least one HOST:PORT");
        }
        if (minBackoff.isNegative() || minBackoff.isZero() || maxBackoff.compareTo(minBackoff) < 0) {
            throw new IllegalArgumentException(
                    "back-off: found " + minBackoff + " to " + maxBackoff + ", accepted is 0 < minimum <= maximum");
        }
        if (laneBatchBytes < 1024 || laneBatchBytes > 512 * 1024) {
            throw new IllegalArgumentException(
                    "lane-batch-bytes: found " + laneBatchBytes + ", accepted are 1024 to 524288");
        }
    }

    public static SessionConfig of(List<HubAddress> hubs, String agentVersion) {
        return new SessionConfig(
                hubs,
                agentVersion,
                Duration.ofSeconds(10),
                Duration.ofMillis(500),
                Duration.ofMinutes(1),
                256 * 1024,
                16,
                NodeMachine.UNSAID);
    }

    public SessionConfig withBackoff(Duration min, Duration max) {
        return new SessionConfig(hubs, agentVersion, connectTimeout, min, max, laneBatchBytes, maxStreams, machine);
    }

    public SessionConfig withConnectTimeout(Duration timeout) {
        return new SessionConfig(
                hubs, agentVersion, timeout, minBackoff, maxBackoff, laneBatchBytes, maxStreams, machine);
    }

    public SessionConfig withMachine(NodeMachine said) {
        return new SessionConfig(
                hubs, agentVersion, connectTimeout, minBackoff, maxBackoff, laneBatchBytes, maxStreams, said);
    }
}
