package dev.selvage.server;

import dev.selvage.api.CommandOptions;
import dev.selvage.api.NodeUnreachableException;
import dev.selvage.api.PodCommands;
import dev.selvage.hub.NodeCommand;
import dev.selvage.hub.NodeNotLinkedException;
import dev.selvage.hub.NodeStreams;
import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Runs commands where the pods run, over the hub. */
record HubPodCommands(NodeStreams streams) implements PodCommands {
    @Override
    public void check(String node) throws NodeUnreachableException {
        try {
            streams.check(node);
        } catch (NodeNotLinkedException e) {
            throw new NodeUnreachableException(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Running start(String node, ObjectKey pod, CommandOptions options) throws NodeUnreachableException {
        try {
            return new HubCommand(streams.exec(
                    node,
                    pod,
                    new dev.selvage.hub.CommandOptions(
                            options.container(), options.command(), options.tty(), options.stdin())));
        } catch (NodeNotLinkedException e) {
            throw new NodeUnreachableException(String.valueOf(e.getMessage()));
        }
    }

    private record HubCommand(NodeCommand command) implements Running {
        @Override
        public Event next() throws IOException {
            return switch (command.next()) {
                case NodeCommand.Event.Output(ByteBuffer bytes, boolean stderr) -> new Event.Output(bytes, stderr);
                case NodeCommand.Event.Ended(int code) -> new Event.Ended(code);
                case NodeCommand.Event.Failed(String message) -> new Event.Failed(message);
            };
        }

        @Override
        public void input(byte[] bytes) throws IOException {
            command.input(bytes);
        }

        @Override
        public void endInput() throws IOException {
            command.endInput();
        }

        @Override
        public void resize(int columns, int rows) throws IOException {
            command.resize(columns, rows);
        }

        @Override
        public void close() {
            command.close();
        }
    }
}
