package dev.selvage.hub;

import dev.selvage.link.LinkProtocol;
import java.time.Duration;

/**
 * How long the hub waits for what.
 *
 * @param heartbeat how often nodes are told to send a sign of life
 * @param beat how often a node hears one, at most
 * @param idle a node that is not heard for this long is cut off
 * @param handshake bound of TLS handshake and first message
 * @param stall a node that reads nothing of what it is sent for this long is cut off
 */
public record HubTimes(Duration heartbeat, Duration beat, Duration idle, Duration handshake, Duration stall) {
    static final HubTimes DEFAULTS = of(LinkProtocol.HEARTBEAT, Duration.ofSeconds(10), Duration.ofSeconds(30));

    public HubTimes {
        if (idle.compareTo(heartbeat) <= 0) {
            throw new IllegalArgumentException(
                    "idle: found " + idle + ", accepted is more than the heartbeat's " + heartbeat);
        }
    }

    public HubTimes withHeartbeat(Duration every, Duration answered, Duration idleLimit) {
        return new HubTimes(every, answered, idleLimit, handshake, stall);
    }

    /** With all that depends on the heartbeat. */
    public HubTimes withHeartbeat(Duration every) {
        return of(every, handshake, stall);
    }

    private static HubTimes of(Duration heartbeat, Duration handshake, Duration stall) {
        return new HubTimes(heartbeat, heartbeat.multipliedBy(4), heartbeat.multipliedBy(3), handshake, stall);
    }

    public HubTimes withHandshake(Duration limit) {
        return new HubTimes(heartbeat, beat, idle, limit, stall);
    }

    public HubTimes withStall(Duration limit) {
        return new HubTimes(heartbeat, beat, idle, handshake, limit);
    }

    /** A node that hears nothing for this long takes the link for dead: two answers may be late. */
    Duration silence() {
        return beat.multipliedBy(2).plus(heartbeat.multipliedBy(2));
    }
}
