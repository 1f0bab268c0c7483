package dev.selvage.api;

import dev.selvage.model.ObjectKey;
import java.io.InputStream;

/** Reads a container's log where it runs. Implemented by the hub, which asks the node. */
@FunctionalInterface
public interface PodLogs {
    /**
     * Opens the log; the stream ends with the log, or with the container if {@link LogOptions#follow()}. The caller
     * closes it, from any thread, and a closed stream ends the transfer.
     *
     * @throws NodeUnreachableException when the node is not linked or does not answer in time
     */
    InputStream open(String node, ObjectKey pod, LogOptions options) throws NodeUnreachableException;
}
