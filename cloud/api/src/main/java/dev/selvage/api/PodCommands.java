package dev.selvage.api;

import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Runs commands where pods run. Implemented by the hub, which asks the node. */
public interface PodCommands {
    /** @throws NodeUnreachableException when the node is not linked now; returns at once */
    void check(String node) throws NodeUnreachableException;

    /** @throws NodeUnreachableException when the node is not linked or does not answer in time */
    Running start(String node, ObjectKey pod, CommandOptions options) throws NodeUnreachableException;

    /** What a command does. */
    sealed interface Event {
        /** @param bytes never empty */
        record Output(ByteBuffer bytes, boolean stderr) implements Event {}

        /** The last event. */
        record Ended(int exitCode) implements Event {}

        /** The last event: the node could not run it, and says why. */
        record Failed(String message) implements Event {}
    }

    /** A command under way. One thread takes its events, another may type. What one end does not take the other cannot give. */
    interface Running extends AutoCloseable {
        /**
         * Waits for what comes next.
         *
         * @throws IOException when the link was cut, or this was closed, before the command ended
         */
        Event next() throws IOException;

        /** Types; waits while the command has too much that it did not read. */
        void input(byte[] bytes) throws IOException;

        /** Nothing more will be typed. */
        void endInput() throws IOException;

        /** The terminal's size in characters. */
        void resize(int columns, int rows) throws IOException;

        /** Ends the command, if it runs still; from any thread. */
        @Override
        void close();
    }
}
