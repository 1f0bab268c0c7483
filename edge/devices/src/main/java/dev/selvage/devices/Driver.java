package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/**
 * Speaks one protocol. A driver owns nothing: no thread, no timer, no retry. {@link Devices} calls it from one thread per
 * connection and decides when to connect, poll, write and give up; a driver makes each call end within the timeout that
 * its block names.
 */
public interface Driver {
    /** The block of a Device's spec that this driver understands: {@code modbusTcp}. */
    String protocol();

    /** Devices with equal endpoints share one connection: {@code 127.0.0.1:5020:1}. */
    String endpoint(ObjectNode block);

    /**
     * Opens the connection that a Device's protocol block names.
     *
     * @throws IOException when it cannot be opened within its timeout; the message is shown to people
     */
    Connection connect(ObjectNode block) throws IOException;

    /** An open connection, used by one thread at a time. */
    interface Connection extends AutoCloseable {
        /** Prepares the access to one device's points on this connection; does no I/O. */
        Access access(List<Point> points);

        @Override
        void close();
    }
}
