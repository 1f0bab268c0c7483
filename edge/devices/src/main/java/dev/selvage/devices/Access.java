package dev.selvage.devices;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;

/** Reads and writes one device's points over an open connection. */
public interface Access {
    /** What reading one point brought. */
    sealed interface Result {
        /** A Double, Long, Boolean or String, as the point's type says. */
        record Value(Object value) implements Result {}

        /** The device answered that it cannot; the reason is shown to people. */
        record Failed(String reason) implements Result {}
    }

    /**
     * Reads every point, in as few requests as the protocol allows.
     *
     * @throws IOException when the connection is of no further use: no answer in time, or one that cannot be trusted
     */
    Map<String, Result> read() throws IOException;

    /** Reads one point, as {@link #read()}. */
    Result read(String property) throws IOException;

    /**
     * Writes one point.
     *
     * @return the value as the device can hold it, rounded to its resolution: what a read should bring from now on
     * @throws WriteRefusedException when the value cannot be encoded or the device refuses it
     * @throws IOException when the connection is of no further use; whether the value was written is unknown
     */
    Object write(String property, Object value) throws IOException;

    /**
     * Asks the device to tell changes by itself, besides being polled; called once, before the first read. A protocol that
     * only polls does nothing.
     *
     * @param changes takes what changed, from any thread, until the connection is closed
     */
    default void subscribe(Consumer<Map<String, Result>> changes) throws IOException {}
}
