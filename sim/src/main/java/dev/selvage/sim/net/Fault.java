package dev.selvage.sim.net;

import java.time.Duration;

/** What a {@link FaultProxy} does when a message comes, or at once. */
public sealed interface Fault {
    /** The message and all behind it in its direction wait so long; TCP holds the sender back when buffers are full. The other direction goes on. */
    record Stall(Duration time) implements Fault {}

    /** RST to both sides; the message is lost, and whatever the peers' systems had not delivered yet. */
    record Reset() implements Fault {}

    /** The connection ends in order, both ways, before the message. */
    record Close() implements Fault {}

    /** From here on both sides can send, everything is acknowledged and nothing arrives; neither learns of any end. */
    record HalfOpen() implements Fault {}

    /** One bit of the message's payload flips. */
    record Corrupt() implements Fault {}

    /**
     * The first bytes of the message arrive, then RST to both sides.
     *
     * @param bytes at least 0; all of the message if it has no more
     */
    record Cut(int bytes) implements Fault {
        public Cut {
            if (bytes < 0) {
                throw new IllegalArgumentException("cut: found " + bytes + ", accepted is 0 or more bytes");
            }
        }
    }
}
