package dev.selvage.server;

import dev.selvage.api.LogOptions;
import dev.selvage.api.NodeUnreachableException;
import dev.selvage.api.PodLogs;
import dev.selvage.hub.NodeNotLinkedException;
import dev.selvage.hub.NodeStreams;
import dev.selvage.model.ObjectKey;
import java.io.InputStream;

/** Reads logs where the pods run, over the hub. */
record HubPodLogs(NodeStreams streams) implements PodLogs {
    @Override
    public InputStream open(String node, ObjectKey pod, LogOptions options) throws NodeUnreachableException {
        try {
            return streams.open(
                    node,
                    pod,
                    new dev.selvage.hub.LogOptions(
                            options.container(),
                            options.follow(),
                            options.previous(),
                            options.timestamps(),
                            options.tailLines(),
                            options.since(),
                            options.limitBytes()));
        } catch (NodeNotLinkedException e) {
            throw new NodeUnreachableException(String.valueOf(e.getMessage()));
        }
    }
}
