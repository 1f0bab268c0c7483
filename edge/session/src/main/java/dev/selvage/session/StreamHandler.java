package dev.selvage.session;

import java.io.IOException;
import java.io.OutputStream;

/** Serves interactive streams; each call runs on a virtual thread of its own, which is interrupted when the client or the link has gone. */
public interface StreamHandler {
    /**
     * Writes the log and returns; with {@code follow} it returns when the container has ended. Writing fails when the reader has gone.
     *
     * @throws IOException its message is what the user sees
     */
    void logs(LogRequest request, OutputStream out) throws IOException;

    /**
     * Runs a command to its end, and returns when all of its output is written.
     *
     * @return the exit code, 128 + the signal's number when a signal ended it
     * @throws IOException its message is what the user sees
     */
    default int run(CommandRequest request, CommandStreams streams) throws IOException, InterruptedException {
        throw new IOException("this node runs no commands");
    }
}
